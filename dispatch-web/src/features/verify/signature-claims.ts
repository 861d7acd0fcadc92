/** What the headers of a request claim to be its signatures, also where something on the way changed them. */
import { readOwnSignature, readStandardSignature, SignatureError, type Signed } from 'dispatch-client/signature'
import type { Header } from './read-request'

const NAMES = ['webhook-id', 'webhook-timestamp', 'webhook-signature', 'x-dispatch-signature'] as const
export type SignatureHeader = (typeof NAMES)[number]

export interface FoundHeader {
  readonly name: SignatureHeader
  /** As it arrived, when that is another one. */
  readonly arrivedAs: string | null
  readonly value: string
  /** How often it arrived. */
  readonly count: number
}

export type FoundHeaders = ReadonlyMap<SignatureHeader, FoundHeader>

/** The headers that sign, under their names or under names that proxies and frameworks make of them. */
export function findSignatureHeaders(headers: readonly Header[]): FoundHeaders {
  const found = new Map<SignatureHeader, FoundHeader>()
  for (const name of NAMES) {
    const exact = headers.filter((header) => header.name.toLowerCase() === name)
    const renamed = exact.length > 0 ? undefined : headers.find((header) => isRenamed(header, name))
    const header = exact[0] ?? renamed
    if (!header) continue
    found.set(name, { name, arrivedAs: renamed?.name ?? null, value: header.value, count: Math.max(exact.length, 1) })
  }
  return found
}

const SHAPES: Readonly<Partial<Record<SignatureHeader, RegExp>>> = {
  'webhook-signature': /^v1,[\w+/-]{43}=?(?: |$)/,
  'x-dispatch-signature': /^t=\d+, ?v1=[0-9a-f]{64}/i,
}

/** `HTTP_WEBHOOK_ID` (CGI, PHP, WSGI), `x-forwarded-webhook-id`, `svix-id`; or any name with what only it holds. */
function isRenamed({ name, value }: Header, wanted: SignatureHeader): boolean {
  const plain = name.toLowerCase().replaceAll('_', '-')
  const isAlike = plain.endsWith(`-${wanted}`) || plain === wanted || plain === wanted.replace('webhook-', 'svix-')
  return isAlike || SHAPES[wanted]?.test(value) === true
}

export type ClaimChange = 'none' | 'id' | 'time' | 'mangled'

/** One way to read a signature: as it came, or with one thing undone. */
export interface Claim {
  readonly signed: Signed
  readonly change: ClaimChange
  /** A sentence about what happened to it, should this be right. */
  readonly words: string
}

/** The claims of a kind of signature, as it came first; or why there are none. */
export type Claims = readonly Claim[] | SignatureError

/** Of `webhook-signature`. `jobId`: of the body. */
export function standardClaims(found: FoundHeaders, jobId: string | undefined): Claims | null {
  const list = found.get('webhook-signature')?.value
  if (list === undefined) return null
  const id = found.get('webhook-id')?.value
  const time = found.get('webhook-timestamp')?.value
  const otherTime = timeOf(found.get('x-dispatch-signature')?.value)
  return firstReadable([
    id !== undefined && time !== undefined && standard(list, id, time, 'none', ''),
    ...repairs(list).map((text) => standard(text, id ?? jobId ?? '', time ?? '', 'mangled', MANGLED)),
    jobId !== undefined &&
      time !== undefined &&
      standard(list, jobId, time, 'id', `It was signed for the id ${jobId}.`),
    otherTime !== undefined &&
      standard(list, id ?? jobId ?? '', otherTime, 'time', `It was signed for the time ${otherTime}.`),
  ])
}

/** Of `x-dispatch-signature`. */
export function ownClaims(found: FoundHeaders): Claims | null {
  const header = found.get('x-dispatch-signature')?.value
  if (header === undefined) return null
  const time = found.get('webhook-timestamp')?.value
  const withTime = time === undefined ? header : header.replace(/t=\d+/, `t=${time}`)
  return firstReadable([
    own(header, 'none', ''),
    ...repairs(header).map((text) => own(text, 'mangled', MANGLED)),
    withTime !== header && own(withTime, 'time', `It was signed for the time ${time}.`),
  ])
}

const MANGLED = 'Its characters were changed: decoded as if it stood in a URL, or quoted.'

/** What stands in a URL is decoded once too often (+ is a space then), or not at all. */
function repairs(header: string): string[] {
  const quoted = /^(["'])(.*)\1$/.exec(header)?.[2]
  const decoded = /%[0-9a-f]{2}/i.test(header) ? header.replace(/%([0-9a-f]{2})/gi, toCharacter) : undefined
  // Spaces stand between signatures; elsewhere they were plus signs.
  const plus = header.replace(/ (?!v1a?,)/g, '+')
  return [quoted, decoded, plus].filter((text) => text !== undefined && text !== header) as string[]
}

const toCharacter = (_whole: string, hex: string): string => String.fromCharCode(Number.parseInt(hex, 16))

const timeOf = (header: string | undefined): string | undefined => /(?:^|,)\s*t=(\d+)/.exec(header ?? '')?.[1]

type Reading = false | (() => Claim)

const standard =
  (list: string, id: string, time: string, change: ClaimChange, words: string): Reading =>
  () => ({ signed: readStandardSignature(list, id, time), change, words })

const own =
  (header: string, change: ClaimChange, words: string): Reading =>
  () => ({ signed: readOwnSignature(header), change, words })

function firstReadable(readings: readonly Reading[]): Claims {
  const claims: Claim[] = []
  let problem: SignatureError | undefined
  for (const read of readings) {
    if (read === false) continue
    try {
      claims.push(read())
    } catch (error) {
      if (!(error instanceof SignatureError)) throw error
      problem ??= error
    }
  }
  return claims.length > 0
    ? claims
    : (problem ?? new SignatureError('missing-header', 'webhook-id and webhook-timestamp did not arrive'))
}
