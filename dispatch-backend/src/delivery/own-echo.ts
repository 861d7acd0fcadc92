/**
 * Which webhook URLs are an echo of this very server. Such a delivery takes no way through the network: it goes straight to
 * our own listener, so it works with the address guard on, behind any proxy, and on whatever port was free.
 *
 * That must open no other way in. So the URL is judged as `URL` has brought it into one form, which is also the form it is
 * sent in: an origin that is ours, and a path that is the echo's and nothing else. Dots, doubled slashes, escapes and other
 * spellings either are gone by then or do not match.
 */

export const ECHO_PATH = '/api/v1/echo/'
/** 32 random bytes in base64url. */
export const ECHO_TOKEN = /^[A-Za-z0-9_-]{43}$/

/** Where a server listens, as `net.Server.address` answers it: a path for a socket in the file system. */
export type ListenAddress = { readonly address: string; readonly port: number } | string

/**
 * Whether the URL is an echo behind one of the origins, which are asked for only when the path is one. The query may be
 * any: it reaches no other route.
 */
export function isEchoOf(url: URL, origins: () => ReadonlySet<string>): boolean {
  const isEchoPath = url.pathname.startsWith(ECHO_PATH) && ECHO_TOKEN.test(url.pathname.slice(ECHO_PATH.length))
  return isEchoPath && url.username === '' && url.password === '' && origins().has(url.origin)
}

/** The URL of an echo. `publicUrl`: where this server is reached. */
export function echoUrl(publicUrl: string, token: string): string {
  return `${new URL(publicUrl).origin}${ECHO_PATH}${token}`
}

/** Our origins: the public one, and those under which programs on this machine reach the listener. */
export function ownOrigins(publicUrl: string, listening: ListenAddress | null): ReadonlySet<string> {
  const origins = new Set([new URL(publicUrl).origin])
  if (listening === null || typeof listening === 'string') return origins
  for (const host of hostsOf(listening.address)) origins.add(new URL(`http://${host}:${listening.port}`).origin)
  return origins
}

const IPV4_LOOPBACK = ['127.0.0.1', 'localhost']
const HOSTS: Readonly<Record<string, readonly string[]>> = {
  '0.0.0.0': IPV4_LOOPBACK,
  '127.0.0.1': IPV4_LOOPBACK,
  '::1': ['[::1]', 'localhost'],
  // It takes IPv4 too.
  '::': [...IPV4_LOOPBACK, '[::1]'],
}

function hostsOf(address: string): readonly string[] {
  return HOSTS[address] ?? [address.includes(':') ? `[${address}]` : address]
}

/** What to connect to in order to reach the listener from within. */
export function dialTarget(listening: ListenAddress): { readonly path: string } | { host: string; port: number } {
  if (typeof listening === 'string') return { path: listening }
  const { address, port } = listening
  if (address === '0.0.0.0') return { host: '127.0.0.1', port }
  return { host: address === '::' ? '::1' : address, port }
}
