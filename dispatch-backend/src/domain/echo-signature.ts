/**
 * Whether a request that came to an echo is signed by its project, in both forms and in words that say what to do. The body
 * is not held for it: it goes through as it arrives.
 */
import { timingSafeEqual } from 'node:crypto'
import type { EchoSignature, EchoVerdict } from 'dispatch-contract'
import { formatInstant } from '../clock.js'
import { ownHmac, type SigningHmac, standardHmac } from '../delivery/signature.js'

/** What receivers are told to tolerate. */
const TOLERANCE_SECONDS = 300
/** Of one header: more than secrets can be in force at a time. */
const MAX_SIGNATURES = 32

export interface CheckingSecret {
  /** `whsec_…`. */
  readonly secret: string
  /** null = the current one. */
  readonly expiresAtMs: number | null
}

export type ReadHeader = (name: string) => string | undefined

/** A header as far as it can be judged without the body. */
type Form =
  | { readonly kind: 'over'; readonly verdict: EchoVerdict; readonly words: string }
  | {
      readonly kind: 'signed'
      readonly timestampSeconds: number
      readonly signatures: readonly Buffer[]
      readonly hmacs: readonly SigningHmac[]
    }

export class SignatureCheck {
  readonly #secrets: readonly CheckingSecret[]
  readonly #nowMs: number
  readonly #forms: readonly (readonly [EchoSignature['header'], Form])[]

  /** `secrets`: those in force, the current one first; none = they cannot be read here. */
  constructor(header: ReadHeader, secrets: readonly CheckingSecret[], nowMs: number) {
    this.#secrets = secrets
    this.#nowMs = nowMs
    this.#forms = [
      ['webhook-signature', readStandard(header, secrets)],
      ['x-dispatch-signature', readOwn(header, secrets)],
    ]
  }

  update(chunk: Buffer): void {
    for (const [, form] of this.#forms) if (form.kind === 'signed') for (const hmac of form.hmacs) hmac.update(chunk)
  }

  /** Once, after the whole body. */
  finish(): EchoSignature[] {
    return this.#forms.map(([header, form]) => ({ header, ...this.#judge(form) }))
  }

  #judge(form: Form): Omit<EchoSignature, 'header'> {
    if (form.kind === 'over') return { verdict: form.verdict, words: form.words }
    if (this.#secrets.length === 0) return { verdict: 'invalid', words: UNREADABLE }
    const digests = form.hmacs.map((hmac) => hmac.digest())
    const by = digests.findIndex((digest) => form.signatures.some((signature) => areEqual(digest, signature)))
    if (by < 0) return { verdict: 'invalid', words: WRONG }
    const ageSeconds = Math.round(this.#nowMs / 1000 - form.timestampSeconds)
    if (Math.abs(ageSeconds) > TOLERANCE_SECONDS) return { verdict: 'stale', words: staleWords(ageSeconds) }
    return { verdict: 'valid', words: validWords(this.#secrets[by]!) }
  }
}

/** What all signatures of a request come to. */
export function verdictOf(signatures: readonly EchoSignature[]): EchoVerdict {
  const verdicts = signatures.map(({ verdict }) => verdict)
  return (['invalid', 'stale', 'valid'] as const).find((verdict) => verdicts.includes(verdict)) ?? 'unsigned'
}

function readStandard(header: ReadHeader, secrets: readonly CheckingSecret[]): Form {
  const list = header('webhook-signature')
  if (list === undefined) return unsigned('webhook-signature')
  const [id, timestamp] = [header('webhook-id'), header('webhook-timestamp')]
  if (id === undefined || timestamp === undefined) {
    const missing = id === undefined ? 'webhook-id' : 'webhook-timestamp'
    return malformed(`${missing} is missing, which is signed too: a proxy on the way may drop it.`)
  }
  const texts = list.split(' ').filter((text) => text.startsWith('v1,'))
  return signed({
    head: `${id}.${timestamp}.`,
    timestamp,
    signatures: texts.map((text) => Buffer.from(text.slice(3), 'base64')),
    hmacs: secrets.map(({ secret }) => standardHmac(secret)),
    expected: 'webhook-timestamp in whole seconds, and v1,<base64>',
  })
}

function readOwn(header: ReadHeader, secrets: readonly CheckingSecret[]): Form {
  const text = header('x-dispatch-signature')
  if (text === undefined) return unsigned('x-dispatch-signature')
  const parts = text.split(',').map((part) => part.trim())
  const timestamp = parts.find((part) => part.startsWith('t='))?.slice(2) ?? ''
  const texts = parts.filter((part) => part.startsWith('v1='))
  return signed({
    head: `${timestamp}.`,
    timestamp,
    signatures: texts.map((part) => Buffer.from(part.slice(3), 'hex')),
    hmacs: secrets.map(({ secret }) => ownHmac(secret)),
    expected: 't=<whole seconds>,v1=<hex>',
  })
}

interface Signed {
  readonly head: string
  readonly timestamp: string
  readonly signatures: readonly Buffer[]
  readonly hmacs: readonly SigningHmac[]
  readonly expected: string
}

function signed({ head, timestamp, signatures, hmacs, expected }: Signed): Form {
  const readable = signatures.filter((signature) => signature.length > 0).slice(0, MAX_SIGNATURES)
  if (!/^\d{1,12}$/.test(timestamp) || readable.length === 0) {
    return malformed(`It cannot be read: expected ${expected}. Whoever signs must write it so.`)
  }
  for (const hmac of hmacs) hmac.update(head)
  return { kind: 'signed', timestampSeconds: Number(timestamp), signatures: readable, hmacs }
}

const UNREADABLE =
  "Not checked: this server cannot open the project's signing secret. Was it started with another DISPATCH_ENCRYPTION_KEY?"
const WRONG =
  'No secret of this project makes this signature of these bytes. Either another secret signed (another project, or one ' +
  'that was rotated away: compare it with the signing secret), or the body was changed on its way: send on the bytes that ' +
  'were received, not JSON that was parsed and written anew.'

function unsigned(name: string): Form {
  const words = `No ${name}: it was not sent by Dispatch, or a proxy on the way drops the header.`
  return { kind: 'over', verdict: 'unsigned', words }
}

function malformed(words: string): Form {
  return { kind: 'over', verdict: 'invalid', words }
}

function staleWords(ageSeconds: number): string {
  const when = ageSeconds > 0 ? `${ageSeconds} s ago` : `${-ageSeconds} s in the future`
  const advice = ageSeconds > 0 ? 'It was held up or sent again; receivers refuse it' : 'Receivers refuse it'
  return `Rightly signed, but ${when}. ${advice} after ${TOLERANCE_SECONDS} s. Do both machines keep time (NTP)?`
}

function validWords({ expiresAtMs }: CheckingSecret): string {
  if (expiresAtMs === null) return 'Rightly signed with the current secret, over exactly these bytes.'
  return (
    `Rightly signed, but with an earlier secret, which ends at ${formatInstant(expiresAtMs)}: ` +
    'give whoever signs the current one before.'
  )
}

function areEqual(one: Buffer, other: Buffer): boolean {
  return one.length === other.length && timingSafeEqual(one, other)
}
