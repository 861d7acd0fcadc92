/** What the engine asks of the sender, and what it gets back. (The implementation follows in this file.) */

export interface SendRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  /** Over connect, headers and body. */
  readonly timeoutMs: number
  /**
   * Asked synchronously right before the first byte goes to the socket (again, when a dead reused socket forces a second
   * try). `false` = do not send: the answer is then `unsent`.
   */
  readonly beforeFirstByte: () => boolean
  /** Aborts the request at a shutdown deadline. */
  readonly signal: AbortSignal
}

export type SendResult =
  /** A status line came. The body is what could be read within cap and time; `bodyTruncated` when there was (or may have been) more. */
  | { readonly kind: 'response'; readonly statusCode: number; readonly body: string; readonly bodyTruncated: boolean }
  /** No status line. `message` are words for people. `bytesSent` tells whether the endpoint may have seen the request. */
  | { readonly kind: 'error'; readonly code: SendErrorCode; readonly message: string; readonly bytesSent: boolean }
  /** `beforeFirstByte` said no, or the signal aborted first: provably nothing went out. */
  | { readonly kind: 'unsent' }

export type SendErrorCode = 'address' | 'dns' | 'connect' | 'tls' | 'timeout' | 'reset' | 'protocol' | 'aborted' | 'url'

/** Sends one request; never rejects. */
export type Send = (request: SendRequest) => Promise<SendResult>
