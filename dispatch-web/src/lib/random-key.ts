/** A fresh key for `Idempotency-Key`: 128 random bits. `crypto.randomUUID` is missing on plain http, where Dispatch may run. */
export function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
