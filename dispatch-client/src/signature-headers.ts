/**
 * Reads the two forms in which a delivery is signed. Both are an HMAC-SHA256 over a head and the body:
 *
 * - Standard Webhooks: head `{webhook-id}.{webhook-timestamp}.`, the key is the base64-decoded secret, the answer base64.
 * - `x-dispatch-signature: t=…,v1=…`: head `{t}.`, the key is the text `whsec_…` itself, the answer hex.
 */
import { SignatureError } from './signature-error.js'

/** A `Headers`, or the object of Node, Express and Fastify. */
export type HeadersLike = Headers | Readonly<Record<string, string | readonly string[] | undefined>>

export interface Signed {
  /** What stands before the body in what is signed. */
  readonly head: string
  readonly timestampSeconds: number
  /** One for each secret that is in force while secrets are rotated. */
  readonly signatures: readonly Uint8Array<ArrayBuffer>[]
  readonly keyOf: (secret: string) => Uint8Array<ArrayBuffer>
}

const PREFIX = 'whsec_'

/** Standard Webhooks when its signature is there, since it also covers the id; else ours. Throws a `SignatureError`. */
export function readSignatureHeaders(headers: HeadersLike): Signed {
  const read = reader(headers)
  const standard = read('webhook-signature')
  if (standard !== undefined) return readStandardSignature(standard, read('webhook-id'), read('webhook-timestamp'))
  const own = read('x-dispatch-signature')
  if (own !== undefined) return readOwnSignature(own)
  throw missing('webhook-signature and x-dispatch-signature')
}

/** `list`: the header `webhook-signature`. Throws a `SignatureError`. */
export function readStandardSignature(list: string, id: string | undefined, timestamp: string | undefined): Signed {
  if (id === undefined) throw missing('webhook-id')
  if (timestamp === undefined) throw missing('webhook-timestamp')
  const texts = list.split(' ').filter((item) => item.startsWith('v1,'))
  const signatures = texts.map((item) => fromBase64(item.slice(3)))
  return {
    head: `${id}.${timestamp}.`,
    timestampSeconds: readSeconds('webhook-timestamp', timestamp),
    signatures: checkSignatures('webhook-signature', 'v1,<base64>', signatures),
    keyOf: decodeSecret,
  }
}

/** `header`: `x-dispatch-signature`. Throws a `SignatureError`. */
export function readOwnSignature(header: string): Signed {
  const parts = header.split(',').map((part) => part.trim())
  const timestamp = parts.find((part) => part.startsWith('t='))?.slice(2) ?? ''
  const signatures = parts.filter((part) => part.startsWith('v1=')).map((part) => fromHex(part.slice(3)))
  return {
    head: `${timestamp}.`,
    timestampSeconds: readSeconds('x-dispatch-signature', timestamp),
    signatures: checkSignatures('x-dispatch-signature', 't=<seconds>,v1=<hex>', signatures),
    keyOf: (secret) => new TextEncoder().encode(withPrefix(secret)),
  }
}

function reader(headers: HeadersLike): (name: string) => string | undefined {
  if (isHeaders(headers)) return (name) => headers.get(name) ?? undefined
  const byName = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  return (name) => {
    const value = byName.get(name)
    if (value === undefined || typeof value === 'string') return value
    if (value.length === 1) return value[0]
    throw new SignatureError('malformed', `${name}: expected one header of this name; got ${value.length}`)
  }
}

function isHeaders(headers: HeadersLike): headers is Headers {
  return typeof headers.get === 'function'
}

function missing(names: string): SignatureError {
  return new SignatureError(
    'missing-header',
    `The request has no ${names}: Dispatch signs every delivery, so it came from elsewhere or a proxy dropped its headers`,
  )
}

function readSeconds(name: string, text: string): number {
  if (/^\d{1,12}$/.test(text)) return Number(text)
  throw new SignatureError('malformed', `${name}: expected a time in whole seconds since 1970`)
}

function checkSignatures(
  name: string,
  form: string,
  signatures: readonly (Uint8Array<ArrayBuffer> | undefined)[],
): Uint8Array<ArrayBuffer>[] {
  const readable = signatures.filter((signature) => signature !== undefined)
  if (readable.length > 0) return readable
  throw new SignatureError('malformed', `${name}: expected a signature of the form ${form}`)
}

/** Throws a `TypeError`: a secret that cannot be one is a mistake of the receiver's, not of the sender's. */
function decodeSecret(secret: string): Uint8Array<ArrayBuffer> {
  const key = fromBase64(withPrefix(secret).slice(PREFIX.length))
  if (key && key.length > 0) return key
  throw new TypeError('secret: expected the signing secret as Dispatch shows it, whsec_ and base64')
}

function withPrefix(secret: string): string {
  return secret.startsWith(PREFIX) ? secret : PREFIX + secret
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  } catch {
    return undefined
  }
}

function fromHex(text: string): Uint8Array<ArrayBuffer> | undefined {
  if (!/^(?:[0-9a-f]{2})+$/i.test(text)) return undefined
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}
