/** Why a request got no status line: a code for the engine and words for people, who read them in the job's log. */
import type { SendErrorCode } from '../send.js'

/** Carries one `SendErrorCode` from wherever it is known to the sender's answer. */
export class SendFailure extends Error {
  readonly code: SendErrorCode

  constructor(code: SendErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SendFailure'
    this.code = code
  }
}

/** Node's and undici's error code (`ECONNREFUSED`, `UND_ERR_SOCKET`, …), or an empty string. */
export function systemCode(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
  return typeof code === 'string' ? code : ''
}

const CONNECT_WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection; is the service running on this port?',
  ECONNRESET: 'closed the connection while it was being opened',
  EHOSTUNREACH: 'cannot be reached (no route to host)',
  ENETUNREACH: 'cannot be reached (no route to its network)',
  ETIMEDOUT: 'did not answer; is a firewall dropping the connection?',
  EADDRNOTAVAIL: 'could not be dialled: this machine has no free local port',
  EMFILE: 'could not be dialled: Dispatch has too many files open (raise its limit)',
  ENFILE: 'could not be dialled: this machine has too many files open',
}

/** TCP did not come about. `target` is `address:port`. */
export function connectFailure(target: string, error: unknown): SendFailure {
  const code = systemCode(error)
  return new SendFailure('connect', `${target} ${CONNECT_WORDS[code] ?? `could not be connected to (${code})`}`, {
    cause: error,
  })
}

const TLS_WORDS: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired; renew it',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet; check the clocks',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed; use one of a public authority',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate comes from an authority this machine does not know',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'it does not send its intermediate certificates; serve the full chain',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate comes from an authority this machine does not know',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host name',
  ECONNRESET: 'it closed the connection during the handshake',
}

/** TCP stands, TLS did not come about. */
export function tlsFailure(host: string, error: unknown): SendFailure {
  const code = systemCode(error)
  const words = TLS_WORDS[code] ?? `the handshake failed (${code || 'no reason given'}); does it speak HTTPS here?`
  return new SendFailure('tls', `TLS with ${host} failed: ${words}`, { cause: error })
}

/** The exchange broke on an open connection, before a status line. */
export function exchangeFailure(error: unknown): SendFailure {
  const code = systemCode(error)
  if (code === 'UND_ERR_HEADERS_OVERFLOW') {
    return new SendFailure('protocol', 'The headers of the answer are larger than 16 KiB', { cause: error })
  }
  if (isBadAnswer(error)) {
    return new SendFailure('protocol', 'The answer is not HTTP/1.1; check the port and http or https of the URL', {
      cause: error,
    })
  }
  if (code === 'UND_ERR_INVALID_ARG') {
    return new SendFailure('url', `The request cannot be written: ${(error as Error).message}`, { cause: error })
  }
  return connectionLost(error)
}

export function connectionLost(error?: unknown): SendFailure {
  const words = 'The endpoint closed the connection without an answer; see its own log'
  return new SendFailure('reset', words, { cause: error })
}

export function timeoutFailure(timeoutMs: number): SendFailure {
  const words = `No answer within ${timeoutMs / 1_000} s; the endpoint should answer first and do slow work afterwards`
  return new SendFailure('timeout', words)
}

/** What was thrown on the way to a connection. Anything but a `SendFailure` is unexpected, and is told as it is. */
export function connectionFailure(error: unknown, timeoutMs: number): SendFailure {
  if (!(error instanceof SendFailure)) {
    const words = error instanceof Error ? error.message : String(error)
    return new SendFailure('connect', `Could not be sent: ${words}`, { cause: error })
  }
  if (error.code !== 'timeout') return error
  return new SendFailure(
    'timeout',
    `Not connected within ${timeoutMs / 1_000} s; is a firewall dropping the connection?`,
  )
}

/** What undici cannot parse, or that nobody asked for, such as 101. It puts no code on parser errors. */
function isBadAnswer(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  return error.name === 'HTTPParserError' || ['bad response', 'bad upgrade'].includes(error.message)
}
