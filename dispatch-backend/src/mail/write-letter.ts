/**
 * From a queued mail to its letter, at the moment of sending: what the letter says depends on what is true now, and a code or
 * token begins to exist only here.
 */
import type { Clock } from '../clock.js'
import {
  CODE_LIFETIME_MS,
  hashToken,
  newCode,
  newToken,
  RESET_LIFETIME_MS,
  resetLink,
  type HashCode,
} from '../domain/proof.js'
import { proofId, type Proof, type ProofPurpose, type QueuedMail } from '../store/account-store.js'
import type { Store } from '../store/store.js'
import * as letters from './letters.js'
import type { Letter } from './mailer.js'

export interface LetterDeps {
  readonly store: Pick<Store, 'findRegistration' | 'findUserByEmail' | 'issueProof'>
  readonly clock: Clock
  readonly hashCode: HashCode
  /** Known once the server listens. */
  readonly frontendUrl: () => string
}

/** null = there is nothing to say (any more), such as to an address without an account. */
export async function writeLetter(deps: LetterDeps, mail: QueuedMail): Promise<Letter | null> {
  const { email, detail } = mail
  switch (mail.kind) {
    case 'registration':
      return writeVerification(deps, email)
    case 'email-change':
      return writeEmailChange(deps, mail)
    case 'password-reset':
      return writeReset(deps, email)
    case 'password-changed':
      return letters.passwordChangedLetter(email, deps.frontendUrl())
    case 'email-changed':
      return letters.emailChangedLetter(email, detail ?? '')
    case 'account-deleted':
      return letters.accountDeletedLetter(email, detail ?? '')
  }
}

/** Who registers learns nothing about an account of the address: only its owner does, here. */
async function writeVerification(deps: LetterDeps, email: string): Promise<Letter | null> {
  const registration = await deps.store.findRegistration({ email, nowMs: deps.clock.wallMs() })
  if (!registration) return null
  if (await deps.store.findUserByEmail(email)) return letters.addressTakenLetter(email, deps.frontendUrl())
  const { code, proof } = newCodeProof(deps, 'registration', registration.id, email)
  await deps.store.issueProof(proof)
  return letters.verificationLetter(email, code)
}

async function writeEmailChange(deps: LetterDeps, { id, email, userId }: QueuedMail): Promise<Letter | null> {
  if (userId === null) return null
  if (await deps.store.findUserByEmail(email)) return letters.addressTakenLetter(email, deps.frontendUrl())
  const { code, proof } = newCodeProof(deps, 'email-change', userId, email)
  // A new password calls the change off, also while this is being written.
  const isWanted = await deps.store.issueProof({ ...proof, mailId: id })
  return isWanted ? letters.emailChangeLetter(email, code) : null
}

async function writeReset(deps: LetterDeps, email: string): Promise<Letter | null> {
  const user = await deps.store.findUserByEmail(email)
  if (!user || user.isDisabled) return null
  return letters.resetLetter(email, await issueResetLink(deps, user.id, email))
}

function newCodeProof(
  { clock, hashCode }: LetterDeps,
  purpose: ProofPurpose,
  subjectId: string,
  email: string,
): { code: string; proof: Proof } {
  const code = newCode()
  const createdAtMs = clock.wallMs()
  const proof = { id: proofId(purpose, subjectId), subjectId, email, secretHash: hashCode(email, code) }
  return { code, proof: { ...proof, createdAtMs, expiresAtMs: createdAtMs + CODE_LIFETIME_MS } }
}

/** A link to choose a new password with, once, within an hour; an earlier one is void. */
export async function issueResetLink(
  { store, clock, frontendUrl }: Pick<LetterDeps, 'clock' | 'frontendUrl'> & { store: Pick<Store, 'issueProof'> },
  userId: string,
  email: string,
): Promise<string> {
  const token = newToken()
  const createdAtMs = clock.wallMs()
  const proof = { id: proofId('password-reset', userId), subjectId: userId, email, secretHash: hashToken(token) }
  await store.issueProof({ ...proof, createdAtMs, expiresAtMs: createdAtMs + RESET_LIFETIME_MS })
  return resetLink(frontendUrl(), token)
}
