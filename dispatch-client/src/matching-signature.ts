import type { Signed } from './signature-headers.js'

const ALGORITHM = { name: 'HMAC', hash: 'SHA-256' } as const

/**
 * Which of the signatures `secret` makes over `signed.head` and these bytes: its index, -1 when none. Dispatch writes the
 * newest secret's first. Throws a `TypeError` for what cannot be a secret.
 */
export async function matchingSignature(
  secret: string,
  { head, signatures, keyOf }: Signed,
  body: Uint8Array,
): Promise<number> {
  const key = await crypto.subtle.importKey('raw', keyOf(secret), ALGORITHM, false, ['sign'])
  // One computation for each secret: a header with a thousand signatures must not cost a thousand.
  const ours = new Uint8Array(await crypto.subtle.sign('HMAC', key, concat(new TextEncoder().encode(head), body)))
  return signatures.findIndex((theirs) => areEqual(ours, theirs))
}

/** Takes as long wherever the first difference is. */
function areEqual(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false
  let difference = 0
  for (const [index, byte] of one.entries()) difference |= byte ^ other[index]!
  return difference === 0
}

function concat(head: Uint8Array, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const both = new Uint8Array(head.length + body.length)
  both.set(head)
  both.set(body, head.length)
  return both
}
