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

/** The first match in the order of how little must have happened: as all came; another body; other headers. */
export async function matchSignatures(
  secrets: readonly string[],
  bodies: readonly LikelyBody[],
  claims: readonly Claim[],
): Promise<Match | null> {
  for (const [index, claim] of claims.entries()) {
    const isLong = (bodies[0]?.text.length ?? 0) > LONG_CHARACTERS
    for (const body of isLong && index > 0 ? bodies.slice(0, 1) : bodies) {
      const bytes = new TextEncoder().encode(body.text)
      for (const [secret, text] of secrets.entries()) {
        const signature = await matchingSignature(text, claim.signed, bytes)
        if (signature >= 0) return { secret, signature, body, claim }
      }
    }
  }
  return null
}
