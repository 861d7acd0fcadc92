import { matchingSignature } from 'dispatch-client/signature'
import type { LikelyBody } from './likely-bodies'
import type { Claim } from './signature-claims'

/** With a long body only it itself is tried against each way of reading the headers: each try reads all of it. */
const LONG_CHARACTERS = 300_000

export interface Match {
  /** Index into the secrets. */
  readonly secret: number
  /** Which of the header's signatures it made: 0 is the newest secret's. */
  readonly signature: number
  readonly body: LikelyBody
  readonly claim: Claim
}

export interface Candidates {
  readonly secrets: readonly string[]
  /** The body as it came. */
  readonly given: string
  /** What may have been signed; the first is the body as it came. Read once for each claim. */
  readonly bodies: AsyncIterable<LikelyBody>
  readonly claims: readonly Claim[]
  /** Called before each body. */
  readonly pause: () => Promise<void>
}

/** The first match in the order of how little must have happened: as all came; another body; other headers. */
export async function matchSignatures(candidates: Candidates): Promise<Match | null> {
  const { secrets, given, bodies, claims, pause } = candidates
  for (const [index, claim] of claims.entries()) {
    for await (const body of bodies) {
      await pause()
      const bytes = new TextEncoder().encode(body.text)
      for (const [secret, text] of secrets.entries()) {
        const signature = await matchingSignature(text, claim.signed, bytes)
        if (signature >= 0) return { secret, signature, body, claim }
      }
      if (index > 0 && given.length > LONG_CHARACTERS) break
    }
  }
  return null
}
