/**
 * Why a receiver refuses a delivery, from the request as it was logged and the secret: what was changed on its way is told
 * by undoing what is known to happen, until a signature holds. Pure: nothing is sent anywhere.
 */
import { SignatureError } from 'dispatch-client/signature'
import { makePauses } from '../../lib/pauses'
import { remembered } from '../../lib/remembered'
import { bodyFindings, unmatchedFindings } from './body-findings'
import type { Finding } from './finding'
import { headerFindings, missingFindings } from './header-findings'
import { likelyBodies } from './likely-bodies'
import { matchSignatures, type Match } from './match-signatures'
import type { GivenRequest } from './read-request'
import { findSignatureHeaders, ownClaims, standardClaims, type Claims, type FoundHeaders } from './signature-claims'
import { timeFindings } from './time-findings'

export interface Question {
  readonly request: GivenRequest
  /** Of `readSecrets`. */
  readonly secrets: readonly string[]
  /** When the request arrived, by the receiver's clock; null = not known. */
  readonly receivedAtMs: number | null
  readonly nowMs: number
}

export interface Diagnosis {
  /** Whether a receiver that gets these bytes and headers should take it. */
  readonly isValid: boolean
  /** What matters most first. */
  readonly findings: readonly Finding[]
}

/**
 * Throws a `TypeError` where the browser has no WebCrypto: on pages that are neither https nor localhost; the reason of
 * `signal` once nobody waits for the answer any more.
 */
export async function diagnose(
  { request, secrets, receivedAtMs, nowMs }: Question,
  signal?: AbortSignal,
): Promise<Diagnosis> {
  const found = findSignatureHeaders(request.headers)
  const missing = missingFindings(found, request.headers)
  if (!found.has('webhook-signature') && !found.has('x-dispatch-signature'))
    return { isValid: false, findings: missing }
  const jobId = jobIdOf(request.body)
  const given = request.body
  const pause = makePauses(signal)
  const bodies = remembered(likelyBodies(given, pause))
  const match = async (claims: Claims): Promise<Match | null> =>
    claims instanceof SignatureError ? null : matchSignatures({ secrets, given, bodies, claims, pause })
  const kinds = [
    { name: 'webhook-signature', claims: standardClaims(found, jobId) },
    { name: 'x-dispatch-signature', claims: ownClaims(found) },
  ] as const
  const judged = []
  for (const { name, claims } of kinds) if (claims !== null) judged.push({ name, claims, match: await match(claims) })
  const matches = judged.flatMap((one) => (one.match === null ? [] : [one.match]))
  const best = matches[0]
  const findings: Finding[] = [
    ...missing,
    ...headerFindings(found, judged, jobId),
    ...(best ? bodyFindings(best, request) : unmatchedFindings(request, judged.length > 0)),
    ...(best ? oldSecret(best) : []),
    ...timeFindings({ timestampSeconds: timestampOf(found), isSigned: best !== undefined, receivedAtMs, nowMs }),
  ]
  const isValid = best !== undefined && !findings.some(({ tone }) => tone === 'problem')
  return { isValid, findings: isValid ? [valid(judged.length), ...findings] : inOrder(findings) }
}

function valid(kinds: number): Finding {
  return {
    code: 'valid',
    tone: 'ok',
    title: 'Rightly signed',
    text: `${kinds === 2 ? 'Both signatures hold' : 'The signature holds'} for this secret, these headers and this body, byte for byte.`,
    cure: 'Should your handler refuse it all the same: does it hand over the raw bytes, before any JSON parser? Is its secret this one, without quotes or a line break? Does it read the key as the kind of signature wants it: the decoded bytes after whsec_ for webhook-signature, the text itself for x-dispatch-signature?',
  }
}

function oldSecret({ signature }: Match): Finding[] {
  if (signature === 0) return []
  const title = 'Signed with it as an old secret'
  const text = `It made signature ${signature + 1} of the header; the newest secret's comes first. The secret was rotated, and this one is still in its overlap.`
  const cure =
    'Give your receiver the new secret before the overlap ends: deliveries are no longer signed with this one then.'
  return [{ code: 'old-secret', tone: 'note', title, text, cure }]
}

function inOrder(findings: readonly Finding[]): Finding[] {
  const rank = { problem: 0, note: 1, ok: 2 } as const
  return [...findings].sort((one, other) => rank[one.tone] - rank[other.tone])
}

function timestampOf(found: FoundHeaders): number | null {
  const text =
    found.get('webhook-timestamp')?.value ?? /t=(\d+)/.exec(found.get('x-dispatch-signature')?.value ?? '')?.[1]
  return text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : null
}

/** Also of a body that is no JSON any more. */
function jobIdOf(body: string): string | undefined {
  return /\\?"jobId\\?"\s*:\s*\\?"([^"\\]+)/.exec(body)?.[1]
}
