/**
 * How a receiver knows that a delivery is ours. Every delivery carries two signatures over its exact bytes, made with
 * each unexpired secret of the project, newest first, so that a rotation needs no downtime:
 *
 * - Standard Webhooks 1.0.0: HMAC-SHA256 over `{id}.{t}.{body}`, base64; the key is the base64-decoded secret.
 * - `x-dispatch-signature`: HMAC-SHA256 over `{t}.{body}`, hex; the key is the literal text `whsec_…`.
 */
import { createHmac, randomBytes } from 'node:crypto'

const PREFIX = 'whsec_'

/** Standard Webhooks asks for 24 to 64 bytes. */
const SECRET_BYTES = 32

/** A new secret, `whsec_` and base64 of 32 random bytes: shown to the user, stored encrypted. */
export function generateSigningSecret(): string {
  return PREFIX + randomBytes(SECRET_BYTES).toString('base64')
}

export interface Signable {
  /** `webhook-id`: the same on every attempt. It must hold no dot (ids are UUIDs). */
  readonly jobId: string
  /** The bytes exactly as they go over the wire. */
  readonly body: Uint8Array
  /** Unix seconds of this attempt; receivers refuse what is more than about five minutes off. */
  readonly timestampSeconds: number
  /** Unexpired `whsec_…` secrets, newest first; at least one. */
  readonly secrets: readonly string[]
}

export type IdentityHeaders = Record<'webhook-id' | 'webhook-timestamp', string>
export type SignatureHeaders = IdentityHeaders & Record<'webhook-signature' | 'x-dispatch-signature', string>

/** What Standard Webhooks signs beside the body. */
export function identityHeaders({ jobId, timestampSeconds }: Omit<Signable, 'body' | 'secrets'>): IdentityHeaders {
  return { 'webhook-id': jobId, 'webhook-timestamp': String(timestampSeconds) }
}

/** The headers that prove the sender. Throws a `RangeError` without a secret: nothing is ever sent unsigned. */
export function signatureHeaders({ jobId, body, timestampSeconds, secrets }: Signable): SignatureHeaders {
  if (secrets.length === 0) throw new RangeError('a delivery needs at least one signing secret')
  const standard = secrets.map((secret) => `v1,${standardSignature(secret, `${jobId}.${timestampSeconds}.`, body)}`)
  const own = secrets.map((secret) => `v1=${ownSignature(secret, `${timestampSeconds}.`, body)}`)
  return Object.assign(identityHeaders({ jobId, timestampSeconds }), {
    'webhook-signature': standard.join(' '),
    'x-dispatch-signature': [`t=${timestampSeconds}`, ...own].join(','),
  })
}

function standardSignature(secret: string, head: string, body: Uint8Array): string {
  return standardHmac(secret).update(head).update(body).digest('base64')
}

function ownSignature(secret: string, head: string, body: Uint8Array): string {
  return ownHmac(secret).update(head).update(body).digest('hex')
}

export type SigningHmac = ReturnType<typeof createHmac>

/** What `webhook-signature` is made with, over `{id}.{t}.` and the body. */
export function standardHmac(secret: string): SigningHmac {
  return createHmac('sha256', Buffer.from(secret.slice(PREFIX.length), 'base64'))
}

/** What `x-dispatch-signature` is made with, over `{t}.` and the body. */
export function ownHmac(secret: string): SigningHmac {
  return createHmac('sha256', secret)
}
