/**
 * One reader of live events. Nothing waits for it in memory but what fits into its buffer: while that is full nothing is
 * written, and the stream keeps only the number of the change that it has been told last.
 */
import { Readable } from 'node:stream'
import type { RefreshEvent } from 'dispatch-contract'

/** Told one by one in a second; more become one `refresh`. */
export const MAX_CHANGES_A_SECOND = 50
const SECOND_MS = 1_000
const BUFFER_BYTES = 16 * 1024

export interface Access {
  /** The projects whose changes may be told. */
  readonly projectIds: ReadonlySet<string>
}

export class EventStream {
  /** What the caller reads. */
  readonly body: Readable
  /** Who it is, for the bound on the streams of one. */
  readonly owner: string
  /** Asks again whether the caller may read on; null = no more. */
  readonly check: () => Promise<Access | null>
  projectIds: ReadonlySet<string>
  /** The change told last. */
  cursor: number
  isBlocked = false
  /** Since it was blocked for the last time, changes may have been forgotten. */
  wasBlocked = false
  checkedAtMs: number
  #secondStartMs = -Infinity
  #toldInSecond = 0

  constructor(options: {
    owner: string
    access: Access
    check: () => Promise<Access | null>
    cursor: number
    nowMs: number
    onDrain: () => void
    onClose: (stream: EventStream) => void
  }) {
    const { owner, access, check, cursor, nowMs, onDrain, onClose } = options
    this.owner = owner
    this.check = check
    this.projectIds = access.projectIds
    this.cursor = cursor
    this.checkedAtMs = nowMs
    this.body = new Readable({
      highWaterMark: BUFFER_BYTES,
      read: () => {
        if (!this.isBlocked) return
        this.isBlocked = false
        onDrain()
      },
    })
    // A reader that goes away in the middle is no failure of ours.
    this.body.on('error', () => undefined)
    this.body.once('close', () => onClose(this))
  }

  /** How many changes may still be told in this second. */
  room(nowMs: number): number {
    if (nowMs - this.#secondStartMs >= SECOND_MS) {
      this.#secondStartMs = nowMs
      this.#toldInSecond = 0
    }
    return MAX_CHANGES_A_SECOND - this.#toldInSecond
  }

  /** When there is room again. */
  roomAtMs(): number {
    return this.#secondStartMs + SECOND_MS
  }

  count(told: number): void {
    this.#toldInSecond += told
  }

  refresh(reason: RefreshEvent['reason'], id: string): void {
    this.#toldInSecond = MAX_CHANGES_A_SECOND
    this.write(`event: refresh\nid: ${id}\ndata: ${JSON.stringify({ reason })}\n\n`)
  }

  write(text: string): void {
    if (this.body.destroyed) return
    this.isBlocked = !this.body.push(text)
    this.wasBlocked ||= this.isBlocked
  }

  end(): void {
    if (!this.body.destroyed) this.body.push(null)
  }
}
