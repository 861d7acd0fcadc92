import type { Batcher } from '../batcher.js'
import type { Events } from '../events.js'
import { DatabaseAwayError, type AttemptRecord, type RecordResult } from '../store/store.js'

/** Attempts whose result waits to be stored, at the most twice this: those of the slots, and as many ended ones. */
export interface RecorderOptions {
  readonly batcher: Batcher<AttemptRecord, RecordResult>
  readonly events: Events
  /** Claiming stops while more results than this wait (the database is away, or slow). */
  readonly maxPending: number
}

/**
 * Writes what became of attempts, in groups. The batcher's `run` holds on while the database is away, so a result is lost
 * only with the process; the claim's lease then gives the job back.
 */
export class Recorder {
  readonly #options: RecorderOptions
  #pending = 0

  constructor(options: RecorderOptions) {
    this.#options = options
  }

  /** Results that are not stored yet. */
  get pending(): number {
    return this.#pending
  }

  get isFull(): boolean {
    return this.#pending >= this.#options.maxPending
  }

  /** Resolves once the record is stored (or found fenced, or lost: given up at a stop, or unstorable even without its text); never rejects. */
  async record(record: AttemptRecord): Promise<RecordResult | 'lost'> {
    this.#pending += 1
    try {
      return await this.#store(record)
    } finally {
      this.#pending -= 1
    }
  }

  async #store(record: AttemptRecord, isBare = false): Promise<RecordResult | 'lost'> {
    const { batcher, events } = this.#options
    try {
      return await batcher.add(record)
    } catch (error) {
      // Only a stop gives up on an absent database; the lease gives the job back.
      if (error instanceof DatabaseAwayError) return 'lost'
      events.emit('unexpected', { where: `recording attempt ${record.attempt} of job ${record.jobId}`, error })
      return isBare ? 'lost' : this.#store(withoutText(record), true)
    }
  }
}

/** The outcome matters more than what the endpoint said: text that cannot be stored must not cost the record. */
function withoutText(record: AttemptRecord): AttemptRecord {
  const error = record.error === null ? null : 'What the endpoint answered could not be stored; the outcome is true.'
  return { ...record, responseBody: null, responseTruncated: record.responseBody !== null, error }
}
