/**
 * - `missing-header`: a header that carries the signature did not arrive.
 * - `malformed`: a signature header, or the body, is not what Dispatch sends.
 * - `wrong-secret`: no secret given makes this signature of these bytes.
 * - `body-changed`: the secret is right, but the body is not, byte for byte, what was signed.
 * - `clock-skew`: rightly signed, but too long ago or in the future.
 */
export type SignatureFailure = 'missing-header' | 'malformed' | 'wrong-secret' | 'body-changed' | 'clock-skew'

/** The webhook is not to be trusted: answer 401. The message is for your log, not for the sender. */
export class SignatureError extends Error {
  readonly reason: SignatureFailure
  /** With `clock-skew`: how far the signature's time lies behind this machine's clock; negative = ahead of it. */
  readonly skewSeconds: number | undefined

  constructor(reason: SignatureFailure, message: string, skewSeconds?: number) {
    super(message)
    this.name = 'SignatureError'
    this.reason = reason
    this.skewSeconds = skewSeconds
  }
}
