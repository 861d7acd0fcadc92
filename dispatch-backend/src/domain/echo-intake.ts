/** One request to an echo, from its bytes as they arrive to what is kept of it: bounded memory, whatever comes. */
import { ECHO_BODY_BYTES, type EchoAnswer, type EchoRequest, type EchoRequestItem } from 'dispatch-contract'
import { type CheckingSecret, SignatureCheck, verdictOf } from './echo-signature.js'

export interface Arrived {
  readonly method: string
  /** From the question mark on. */
  readonly query: string
  readonly ipAddress: string | null
  /** Names and values in turns, as they came. */
  readonly rawHeaders: readonly string[]
  readonly atMs: number
}

/** As they are stored: what the contract shows but for id and time. */
export type EchoSummary = Omit<EchoRequestItem, 'id' | 'at'>
export type EchoDetail = Pick<EchoRequest, 'headers' | 'body' | 'bodyEncoding' | 'bodyTruncated' | 'signatures'>

/** Of the query as it is kept: a list of fifty must stay small. */
const MAX_QUERY = 2_000
const BLOCK_BYTES = 4_096
/** Somebody's credentials, sent here by mistake or by a proxy: not ours to keep. */
const CREDENTIALS = new Set(['authorization', 'proxy-authorization', 'cookie', 'x-api-key'])
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

export class EchoIntake {
  readonly #arrived: Arrived
  readonly #headers: readonly { readonly name: string; readonly value: string }[]
  readonly #check: SignatureCheck
  /** Grows with what is kept. */
  #kept = Buffer.alloc(0)
  #keptBytes = 0
  /** What is to be hashed next: a body that comes byte by byte must not cost a hash of each. */
  readonly #block = Buffer.allocUnsafe(BLOCK_BYTES)
  #blockBytes = 0
  #bytes = 0

  constructor(arrived: Arrived, secrets: readonly CheckingSecret[]) {
    this.#arrived = arrived
    this.#headers = pairsOf(arrived.rawHeaders)
    this.#check = new SignatureCheck((name) => this.#header(name), secrets, arrived.atMs)
  }

  get bytes(): number {
    return this.#bytes
  }

  update(chunk: Buffer): void {
    this.#bytes += chunk.length
    this.#keep(chunk.subarray(0, ECHO_BODY_BYTES - this.#keptBytes))
    if (this.#blockBytes + chunk.length > BLOCK_BYTES) this.#hashBlock()
    if (chunk.length > BLOCK_BYTES) this.#check.update(chunk)
    else this.#blockBytes += chunk.copy(this.#block, this.#blockBytes)
  }

  /** Copied: a piece would keep the large block alive that the socket was read into, and each of a thousand is an object. */
  #keep(piece: Buffer): void {
    const bytes = this.#keptBytes + piece.length
    if (bytes > this.#kept.length) {
      const larger = Buffer.allocUnsafe(Math.min(ECHO_BODY_BYTES, Math.max(bytes, 2 * this.#kept.length)))
      this.#kept.copy(larger)
      this.#kept = larger
    }
    this.#keptBytes += piece.copy(this.#kept, this.#keptBytes)
  }

  #hashBlock(): void {
    this.#check.update(this.#block.subarray(0, this.#blockBytes))
    this.#blockBytes = 0
  }

  /** Once, after the whole body. `answer`: what it is answered. */
  finish(answer: Pick<EchoAnswer, 'status' | 'delayMs'>): { summary: EchoSummary; detail: EchoDetail } {
    this.#hashBlock()
    const signatures = this.#check.finish()
    const { method, query, ipAddress } = this.#arrived
    const isCut = this.#bytes > this.#keptBytes
    return {
      summary: {
        method,
        query: query.length > MAX_QUERY ? `${query.slice(0, MAX_QUERY)}…` : query,
        ipAddress,
        jobId: matching(UUID, this.#header('webhook-id'))?.toLowerCase() ?? null,
        attempt: Number(matching(/^\d{1,5}$/, this.#header('x-dispatch-attempt')) ?? NaN) || null,
        bodyBytes: this.#bytes,
        answeredStatus: answer.status,
        answeredAfterMs: answer.delayMs,
        verdict: verdictOf(signatures),
      },
      detail: {
        headers: this.#headers.map(withoutCredentials),
        ...textOf(this.#kept.subarray(0, this.#keptBytes), isCut),
        bodyTruncated: isCut,
        signatures,
      },
    }
  }

  /** Undefined also when it came twice: nobody can say which one counts. */
  #header(name: string): string | undefined {
    const found = this.#headers.filter((header) => header.name === name)
    return found.length === 1 ? found[0]!.value : undefined
  }
}

function pairsOf(rawHeaders: readonly string[]): { name: string; value: string }[] {
  const names = rawHeaders.filter((_, index) => index % 2 === 0)
  return names.map((name, index) => ({ name: name.toLowerCase(), value: rawHeaders[index * 2 + 1] ?? '' }))
}

function withoutCredentials({ name, value }: { readonly name: string; readonly value: string }) {
  return { name, value: CREDENTIALS.has(name) ? `(not kept: ${value.length} characters)` : value }
}

function matching(pattern: RegExp, text: string | undefined): string | undefined {
  return text !== undefined && pattern.test(text) ? text : undefined
}

/** As text where it is UTF-8 without NUL, but for a character that was cut off in its middle. */
function textOf(bytes: Buffer, isCut: boolean): Pick<EchoDetail, 'body' | 'bodyEncoding'> {
  try {
    const body = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, { stream: isCut })
    if (!body.includes('\0')) return { body, bodyEncoding: 'utf-8' }
  } catch {
    // No text.
  }
  return { body: bytes.toString('base64'), bodyEncoding: 'base64' }
}
