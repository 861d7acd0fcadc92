import type { JobRequest } from 'dispatch-contract'

/** A `curl` command that sends the same request, for a POSIX shell. */
export function toCurl({
  method,
  url,
  headers,
  body,
}: Pick<JobRequest, 'method' | 'url' | 'headers' | 'body'>): string {
  const parts = [
    // Without globbing: brackets and braces in a URL are meant.
    `curl --globoff -X ${method} ${quote(url)}`,
    ...headers.map(({ name, value }) => `-H ${quote(`${name}: ${value}`)}`),
    // Not --data, which reads a file where the text begins with @.
    `--data-raw ${quote(body)}`,
  ]
  return parts.join(' \\\n  ')
}

/** Inside of single quotes a shell takes everything as it is, but for the quote itself. */
function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
