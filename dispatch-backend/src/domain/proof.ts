/** What proves that a mailbox is somebody's: six digits to type, or a token within a link. Only hashes are stored. */
import { createHash, createHmac, randomBytes, randomInt } from 'node:crypto'

/** Of a code, together with the address it was sent to. */
export type HashCode = (email: string, code: string) => string

const CODE_DIGITS = 6
const TOKEN_BYTES = 32

export const CODE_LIFETIME_MS = 15 * 60_000
export const RESET_LIFETIME_MS = 60 * 60_000

/** A plain hash of six digits is undone by trying a million; this one needs the key, which is not in the database. */
export function createCodeHash(key: Buffer): HashCode {
  const ownKey = createHmac('sha256', key).update('dispatch mailed codes').digest()
  return (email, code) => createHmac('sha256', ownKey).update(`${email}\0${code}`).digest('hex')
}

export function newCode(): string {
  return String(randomInt(10 ** CODE_DIGITS)).padStart(CODE_DIGITS, '0')
}

/** 256 random bits, for URLs. */
export function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url')
}

export function hashToken(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

/** Where people set a new password. */
export function resetLink(frontendUrl: string, token: string): string {
  return `${frontendUrl}/reset-password?token=${token}`
}
