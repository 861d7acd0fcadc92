import type { Plugin } from 'vite'

/**
 * Writes `.build.json`, which tells the servers of the dashboard which API it was built for: their content security policy
 * has to allow that origin, and nothing else. An empty `apiUrl` is the origin that serves the dashboard.
 */
export function describeBuild(apiUrl: string): Plugin {
  if (apiUrl !== '' && !isOrigin(apiUrl)) {
    throw new Error(
      `NEXT_PUBLIC_API_URL (or VITE_API_URL): expected an origin such as https://dispatch.example.com, without path, got ${apiUrl}`,
    )
  }
  return {
    name: 'dispatch-describe-build',
    apply: 'build',
    generateBundle() {
      const source = `${JSON.stringify({ apiUrl: apiUrl === '' ? null : new URL(apiUrl).origin })}\n`
      this.emitFile({ type: 'asset', fileName: '.build.json', source })
    },
  }
}

function isOrigin(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined
  return url !== undefined && /^https?:$/.test(url.protocol) && url.href.replace(/\/$/, '') === url.origin
}
