/** The rules for a webhook URL that can be judged without DNS. */
import { createJobBody } from 'dispatch-contract'
import { problem } from './problem.js'

export interface WebhookUrl {
  readonly url: URL
  /** Scheme, host and port: what bulkheads are per. */
  readonly endpoint: string
}

const FIELD = 'webhookUrl'
const MAX_HOST = 253
const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' }
/**
 * `URL` would silently drop tabs and line ends, trim spaces and turn backslashes into slashes: then not what was sent would
 * be called, and another reader of `http://a\\@b` would take b for its host.
 */
const FORBIDDEN = /[\0-\x20\x7f\\\p{Cs}]/u

/** The URL, or a problem in words. */
export function parseWebhookUrl(value: unknown): WebhookUrl | string {
  const shape = createJobBody.shape.webhookUrl.safeParse(value)
  if (!shape.success) return problem(FIELD, shape.error.issues[0]?.message ?? 'a URL', value)
  const text = shape.data
  if (FORBIDDEN.test(text)) return problem(FIELD, 'a URL without spaces, backslashes and control characters', text)
  if (!/^https?:\/\/[^/]/i.test(text) || !URL.canParse(text)) {
    return problem(FIELD, 'a valid URL that starts with http:// or https://', text)
  }
  const url = new URL(text)
  // The value is not repeated: it holds a password.
  if (url.username !== '' || url.password !== '') return `${FIELD}: expected a URL without user name and password in it`
  if (url.port === '0') return `${FIELD}: expected a port from 1 to 65535, got 0`
  if (url.hostname.length > MAX_HOST) return `${FIELD}: expected a host of at most ${MAX_HOST} characters`
  return { url, endpoint: endpointOf(url) }
}

function endpointOf(url: URL): string {
  const host = url.hostname.replace(/\.+$/, '')
  return `${url.protocol}//${host}:${url.port || DEFAULT_PORTS[url.protocol]}`
}
