/**
 * Verifies that a webhook came from Dispatch, with WebCrypto alone: the same code runs in Node, browsers, edges, Deno and
 * Bun. That makes it asynchronous.
 */
import { systemClock } from './clock.js'
import { likelyOriginals } from './likely-originals.js'
import { matchingSignature } from './matching-signature.js'
import { SignatureError } from './signature-error.js'
import { readSignatureHeaders, type HeadersLike, type Signed } from './signature-headers.js'

/** What arrives at a webhook: always exactly these four members. */
export interface Delivery<Payload = Record<string, unknown>> {
  /** The same on every attempt: use it as the idempotency key of what you do. */
  jobId: string
  title: string
  /** As `JSON.parse` reads it: numbers beyond 2^53 are rounded; their digits are in the raw body. */
  payload: Payload
  /** When this attempt was fired, in UTC. */
  firedAt: string
}

export type VerifyOptions = {
  readonly headers: HeadersLike
  /** The body exactly as it came, before anything parsed it. */
  readonly rawBody: string | Uint8Array | ArrayBuffer
  /** How far the signature's time may be off, either way. Default: 300; `Infinity` = any. */
  readonly toleranceSeconds?: number
  /** Default: now. */
  readonly now?: Date
} & (
  | { /** `whsec_…` */ readonly secret: string; readonly secrets?: never }
  | { readonly secret?: never; /** Any of them may have signed: for a rotation. */ readonly secrets: readonly string[] }
)

const DEFAULT_TOLERANCE_SECONDS = 300

/**
 * The parsed delivery, once its signature (Standard Webhooks, or `x-dispatch-signature`) is proven. Rejects with a
 * `SignatureError` whose `reason` and message explain, and with a `TypeError` when it is called wrongly: without a secret,
 * or with a body that was parsed already. A webhook caught on its way can be sent again within the tolerance: `jobId` tells.
 */
export async function verifySignature<Payload = Record<string, unknown>>(
  options: VerifyOptions,
): Promise<Delivery<Payload>> {
  const { headers, rawBody, toleranceSeconds = DEFAULT_TOLERANCE_SECONDS, now } = options
  const secrets = readSecrets(options)
  const body = readBody(rawBody)
  const signed = readSignatureHeaders(headers)
  if (!(await isSignedBy(secrets, signed, body))) throw await explain(secrets, signed, body)
  checkTime(signed.timestampSeconds, now?.getTime() ?? systemClock.nowMs(), toleranceSeconds)
  return parse(body) as Delivery<Payload>
}

/** Callers without TypeScript hand over whatever the environment has. */
function readSecrets({ secret, secrets }: { secret?: unknown; secrets?: readonly unknown[] }): string[] {
  const given = secrets ?? [secret]
  const texts = given.filter((text): text is string => typeof text === 'string' && text.trim() !== '')
  if (texts.length > 0 && texts.length === given.length) return texts.map((text) => text.trim())
  throw new TypeError("secret: expected the project's signing secret (whsec_…); got nothing. Is its variable set?")
}

function readBody(rawBody: unknown): Uint8Array<ArrayBuffer> {
  if (typeof rawBody === 'string') return new TextEncoder().encode(rawBody)
  if (rawBody instanceof Uint8Array) return new Uint8Array(rawBody)
  if (rawBody instanceof ArrayBuffer) return new Uint8Array(rawBody)
  throw new TypeError(
    'rawBody: expected the bytes or text of the body; got something parsed. See "Verify" in the README',
  )
}

async function isSignedBy(secrets: readonly string[], signed: Signed, body: Uint8Array): Promise<boolean> {
  for (const secret of secrets) if ((await matchingSignature(secret, signed, body)) >= 0) return true
  return false
}

/** Only for the message: whatever would match, this delivery stays refused. */
async function explain(secrets: readonly string[], signed: Signed, body: Uint8Array): Promise<SignatureError> {
  for (const original of likelyOriginals(body)) {
    if (await isSignedBy(secrets, signed, new TextEncoder().encode(original))) {
      return new SignatureError(
        'body-changed',
        'The secret is right, but the body was parsed and written anew (or trimmed, or indented) on its way here: ' +
          'hand over the bytes that arrived, before any JSON parser',
      )
    }
  }
  return new SignatureError(
    'wrong-secret',
    "No secret given makes this signature. Compare it with the signing secret of the job's project (was it rotated?); " +
      'if it is right, something changed the body on its way here',
  )
}

function checkTime(timestampSeconds: number, nowMs: number, toleranceSeconds: number): void {
  const skewSeconds = Math.round(nowMs / 1_000 - timestampSeconds)
  if (Math.abs(skewSeconds) <= toleranceSeconds) return
  const skew =
    skewSeconds > 0
      ? `${skewSeconds} s ago: it was held up or sent again, or this machine's clock is fast`
      : `${-skewSeconds} s in the future: this machine's clock is slow, or the server's is fast`
  const message = `Rightly signed, but ${skew}. At most ${toleranceSeconds} s are tolerated; do both keep time (NTP)?`
  throw new SignatureError('clock-skew', message, skewSeconds)
}

function parse(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body))
  } catch {
    throw new SignatureError('malformed', 'The body is rightly signed, but is not JSON')
  }
}
