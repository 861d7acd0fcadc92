import type { Clock } from '../clock.js'
import type { Events } from '../events.js'
import { DatabaseAwayError, type ClaimResult, type ClaimedJob, type DueJob, type EngineStore } from '../store/store.js'
import type { Claim } from './attempt.js'
import { ClaimLead } from './claim-lead.js'
import type { DatabaseLink } from './database-link.js'
import { endpointKey, type DueQueue } from './due-queue.js'
import { momentOf } from './elapsed.js'
import type { EngineClock } from './engine-clock.js'
import { CLAIM_AHEAD_MS, CLAIM_MAX_JOBS, TICK_MS } from './limits.js'
import type { Slot, Slots } from './slots.js'
import { Turns } from './turns.js'

/** A claimed job, with all that its attempt needs. `finish` gives slot and bytes back; idempotent. */
export interface Claimed {
  readonly job: ClaimedJob
  readonly claim: Claim
  readonly sealedSecrets: readonly string[]
  readonly finish: () => void
}

export interface ClaimerOptions {
  readonly clock: Clock
  readonly engineClock: EngineClock
  readonly store: EngineStore
  readonly link: DatabaseLink
  readonly events: Events
  readonly queue: DueQueue
  readonly slots: Slots
  readonly replicaId: string
  readonly leaseMs: number
  /** Payload bytes that claimed, unfinished attempts may hold. */
  readonly inFlightMaxBytes: number
  readonly newId: () => string
  /** True while results pile up: nothing more is claimed then. */
  readonly isHeldUp: () => boolean
  readonly onClaimed: (claimed: Claimed) => void
}

interface Candidate {
  readonly job: DueJob
  readonly slot: Slot
}

/**
 * Turns due jobs into claims: one timer on the queue's head, one claim statement under way at a time, never more jobs than
 * free slots and bytes.
 *
 * A job whose endpoint has no slot left is parked and takes its turn (`Turns`) when one frees; parked jobs are still held
 * by the queue, so they count against its shares. While a claim's outcome is unknown (the connection broke) the *same*
 * claim is asked again: its id makes the second one harmless, and its age counts from the first asking.
 */
export class Claimer {
  readonly #options: ClaimerOptions
  readonly #parked = new Turns<DueJob>()
  readonly #lead = new ClaimLead()
  readonly #stop = new AbortController()
  #bytesInFlight = 0
  #claiming: Promise<void> | undefined
  #timer: { cancel(): void } | undefined
  #timerAtMs = Infinity
  #pumpDue = false

  constructor(options: ClaimerOptions) {
    this.#options = options
  }

  /** Something changed (a job was armed, a slot freed, the database came back): look again, once, in the next turn. */
  poke(): void {
    if (this.#pumpDue || this.#stop.signal.aborted) return
    this.#pumpDue = true
    this.#options.clock.setTimer(0, () => {
      this.#pumpDue = false
      this.#pump()
    })
  }

  /** Claims no more; resolves when the claim under way is answered (its jobs have been passed on) or given up. */
  async stop(): Promise<void> {
    this.#stop.abort()
    this.#timer?.cancel()
    await this.#claiming
  }

  #pump(): void {
    if (this.#stop.signal.aborted || this.#claiming) return
    if (!this.#options.isHeldUp() && !this.#options.link.isAway) {
      const batch = this.#gather()
      if (batch.length > 0) {
        this.#claiming = this.#claimInTime(batch).finally(() => {
          this.#claiming = undefined
          this.poke()
        })
        return
      }
    }
    this.#lead.noteRest()
    this.#setTimer()
  }

  /** Jobs that have a slot, parked ones first; once one is due within the lead, those that are soon due go with it. */
  #gather(): Candidate[] {
    const { queue, engineClock, slots, inFlightMaxBytes } = this.#options
    const leadEndMs = engineClock.nowMs() + this.#lead.ms
    const batch: Candidate[] = []
    const take = (job: DueJob): boolean => {
      // While it was parked another entry with a later due time took its place: nothing to claim.
      if (!queue.holds(job)) return true
      const slot = slots.tryTake(endpointKey(job))
      if (!slot) return false
      batch.push({ job, slot })
      this.#bytesInFlight += job.payloadBytes
      return true
    }
    const hasRoom = (): boolean =>
      batch.length < CLAIM_MAX_JOBS && slots.free > 0 && this.#bytesInFlight < inFlightMaxBytes

    this.#parked.serve(hasRoom, take)
    const isTime = batch.length > 0 || (queue.nextDueMs ?? Infinity) <= leadEndMs
    while (isTime && hasRoom()) {
      const job = queue.pop(leadEndMs + CLAIM_AHEAD_MS)
      if (!job) break
      const key = endpointKey(job)
      if (this.#parked.has(key) || !take(job)) this.#parked.add(key, job)
    }
    return batch
  }

  #newClaim(): Claim {
    const { clock, newId, leaseMs } = this.#options
    return { id: newId(), leaseMs, issued: momentOf(clock) }
  }

  async #claimInTime(batch: readonly Candidate[]): Promise<void> {
    const claim = this.#newClaim()
    const waitingSinceMs = this.#lead.noteIssue(claim.issued.monotonicMs)
    await this.#claim(batch, claim)
    this.#lead.noteWait(this.#options.clock.monotonicMs() - waitingSinceMs)
  }

  async #claim(batch: readonly Candidate[], claim: Claim): Promise<void> {
    const { clock, events, link } = this.#options
    try {
      const result = await link.insist('claim', () => this.#ask(claim, batch), this.#stop.signal)
      const durationMs = clock.monotonicMs() - claim.issued.monotonicMs
      events.emit('claimed', { asked: batch.length, got: result.jobs.length, durationMs })
      this.#passOn(claim, batch, result)
    } catch (error) {
      await this.#recover(batch, claim, error)
    }
  }

  #ask(claim: Claim, batch: readonly Candidate[]): Promise<ClaimResult> {
    const { store, replicaId, leaseMs, engineClock } = this.#options
    const jobs = batch.map(({ job }) => ({ id: job.id, dueAtMs: job.dueAtMs }))
    return store.claim({ claimId: claim.id, replicaId, leaseMs, nowMs: engineClock.nowMs(), jobs })
  }

  /** Jobs that did not come back were cancelled, moved or claimed by another: let go of. */
  #passOn(claim: Claim, batch: readonly Candidate[], result: ClaimResult): void {
    const got = new Map(result.jobs.map((job) => [job.id, job]))
    for (const candidate of batch) {
      const finish = this.#finisher(candidate)
      const job = got.get(candidate.job.id)
      if (job?.dueAtMs === candidate.job.dueAtMs)
        this.#options.onClaimed({ job, claim, sealedSecrets: result.sealedSecrets[job.projectId] ?? [], finish })
      else finish()
      this.#options.queue.drop(candidate.job)
    }
  }

  #finisher({ job, slot }: Candidate): () => void {
    let done = false
    return () => {
      if (done) return
      done = true
      slot.release()
      this.#bytesInFlight -= job.payloadBytes
      this.poke()
    }
  }

  /**
   * A claim that fails for another reason than the connection is halved until the culprit stands alone. The halves keep its
   * id: should it have been carried out after all, they get its jobs.
   */
  async #recover(batch: readonly Candidate[], claim: Claim, error: unknown): Promise<void> {
    if (batch.length > 1 && !(error instanceof DatabaseAwayError)) {
      const middle = batch.length >> 1
      await this.#claim(batch.slice(0, middle), claim)
      await this.#claim(batch.slice(middle), claim)
      return
    }
    for (const candidate of batch) {
      this.#finisher(candidate)()
      this.#options.queue.drop(candidate.job)
    }
    if (error instanceof DatabaseAwayError) return
    const { events, link, store } = this.#options
    const { id } = batch[0]!.job
    events.emit('unexpected', { where: `claiming job ${id}`, error })
    // An earlier asking, whose answer was lost, may have claimed it. If this fails too, the lease gives it back.
    const handBack = (): Promise<number> => store.handBack([{ id, claimId: claim.id }])
    await link.insist('handBack', handBack, this.#stop.signal).catch(() => undefined)
  }

  /** One timer, for the head of the queue; it never sleeps over a tick, so a stepped clock is noticed within one. */
  #setTimer(): void {
    const { clock, engineClock, queue } = this.#options
    const nowMs = clock.monotonicMs()
    const untilHeadMs = (queue.nextDueMs ?? Infinity) - this.#lead.ms - engineClock.nowMs()
    // A head that is due and still there waits for a slot, bytes or the database: each of them pokes.
    const delayMs = untilHeadMs > 0 ? Math.min(TICK_MS, untilHeadMs) : TICK_MS
    if (this.#timerAtMs > nowMs && this.#timerAtMs <= nowMs + delayMs) return
    this.#timer?.cancel()
    this.#timerAtMs = nowMs + delayMs
    this.#timer = clock.setTimer(delayMs, () => {
      this.#timerAtMs = Infinity
      this.#pump()
    })
  }
}
