/** What stands between a simulated process and the rest of the world: a slow, failing database and endpoints of all moods. */
import { onAbort } from '../../abort.js'
import { DatabaseAwayError, type EngineStore } from '../../store/store.js'
import type { Send, SendRequest, SendResult } from '../send.js'
import type { MemoryStore } from './memory-store.js'
import type { SimProcess } from './world.js'

export interface FaultPlan {
  /** Probability that a call is lost before it reached the database, or its answer after it was carried out. */
  lostCalls: number
  /** Nobody reaches the database before this time. */
  outageUntilMs: number
  /** This process alone does not reach it before this time. */
  cutOffUntilMs: Map<SimProcess, number>
  /** Probability that a process dies, or is paused past its leases, right after one of its steps. */
  mishapAfterStep: number
  longPauseMs: number
  /** Longest way of a call to the database, and of its answer. */
  latencyMs: number
  /** Probability that a read, a claim or a record is refused for another reason than the connection. */
  refusedCalls: number
  /** Records that were refused once: a second time would make them unstorable. */
  refusedRecords: Set<string>
  /** Rows that one read looks at: a few make pages of what would fit in one. */
  scanLimit: number
  /** Probability that connecting takes up to 1.5 s. */
  slowConnects: number
}

type Verb = Exclude<keyof EngineStore, never>

/** The memory store as `process` sees it: asynchronous, slow, and failing as `plan` says at that moment. */
export function storeOf(
  process: SimProcess,
  memory: MemoryStore,
  plan: FaultPlan,
  onClaimed: (jobId: string, attempt: number) => void,
): EngineStore & Pick<MemoryStore, 'capabilities'> {
  const call = <Result>(apply: () => Result): Promise<Result> => callDatabase(process, plan, plan.latencyMs, apply)
  const refuseSome = <Result>(apply: () => Result): Result => {
    if (process.world.chance(plan.refusedCalls)) throw new RefusedError()
    return apply()
  }
  const risky = <Result>(apply: () => Result): Promise<Result> =>
    callDatabase(process, plan, plan.latencyMs, apply, RISKY)
  const verbs: { [Name in Verb]: EngineStore[Name] } = {
    // Heartbeats measure the clock: their time on the way stays bounded, as the filter of slow samples would have it.
    heartbeat: (request) => callDatabase(process, plan, Math.min(plan.latencyMs, 20), () => memory.heartbeat(request)),
    removeReplica: (replicaId) => call(() => memory.removeReplica(replicaId)),
    readDue: (query) => call(() => refuseSome(() => memory.readDue({ ...query, scanLimit: plan.scanLimit }))),
    claim: (request) =>
      risky(() => {
        const result = refuseSome(() => memory.claim(request))
        for (const { id, attempt } of result.jobs) onClaimed(id, attempt)
        return result
      }),
    recordAttempts: (records) =>
      risky(() => {
        const fresh = records.filter(({ attemptId }) => !plan.refusedRecords.has(attemptId))
        if (fresh.length > 0 && process.world.chance(plan.refusedCalls)) {
          for (const { attemptId } of fresh) plan.refusedRecords.add(attemptId)
          throw new RefusedError()
        }
        return memory.recordAttempts(records)
      }),
    handBack: (claims) => call(() => memory.handBack(claims)),
    releaseExpired: (request) => call(() => memory.releaseExpired(request)),
  }
  return { ...verbs, capabilities: memory.capabilities }
}

/** What the simulated database says when it does not want a statement; the engine announces it as unexpected. */
export class RefusedError extends Error {}

/** One round trip: the request may be lost, the answer may be lost after the database has done it (an unknown COMMIT). */
export function callDatabase<Result>(
  process: SimProcess,
  plan: FaultPlan,
  slowestMs: number,
  apply: () => Result,
  riskiness = 1,
): Promise<Result> {
  const { world } = process
  return new Promise((resolve, reject) => {
    const answer = (run: () => void): void =>
      world.after(world.random() * slowestMs, () => {
        process.deliver(() => {
          run()
          mishap(process, plan, riskiness)
        })
      })
    const away = (): void => answer(() => reject(new DatabaseAwayError('the simulated database is away')))
    world.after(world.random() * slowestMs, () => {
      const isCutOff = world.nowMs < plan.outageUntilMs || world.nowMs < (plan.cutOffUntilMs.get(process) ?? 0)
      if (isCutOff || world.chance(plan.lostCalls)) {
        away()
        return
      }
      let result: Result
      try {
        result = apply()
      } catch (error) {
        answer(() => reject(error instanceof Error ? error : new Error(String(error))))
        return
      }
      if (world.chance(plan.lostCalls)) away()
      else answer(() => resolve(result))
    })
  })
}

/** Between a claim and its record there is most to lose: mishaps come as often there as in the many idle reads. */
const RISKY = 40

function mishap(process: SimProcess, plan: FaultPlan, riskiness: number): void {
  const { world } = process
  if (!world.chance(riskiness * plan.mishapAfterStep)) return
  if (world.chance(0.4)) process.crash()
  else process.pause(world.int(plan.longPauseMs / 3, plan.longPauseMs), world.chance(0.3))
}

export type Mood = 'ok' | 'fails' | 'hangs' | 'resets' | 'slow'

/** A request that went out: what the invariants look at. */
export interface Sending {
  readonly process: SimProcess
  readonly jobId: string
  readonly attempt: number
  readonly body: string
  readonly atMs: number
  /** The endpoint answered 2xx. */
  answeredOk: boolean
}

export interface EndpointOptions {
  readonly process: SimProcess
  readonly plan: FaultPlan
  readonly mood: (jobId: string, attempt: number) => Mood
  readonly onSent: (sending: Sending) => void
}

/** A `Send` whose network is simulated: connects after a while, asks `beforeFirstByte`, and answers as the mood says. */
export function sendOf(options: EndpointOptions): Send {
  return (request) => new Promise((resolve) => new SimRequest(options, request, resolve).connect())
}

class SimRequest {
  readonly #options: EndpointOptions
  readonly #request: SendRequest
  readonly #resolve: (result: SendResult) => void
  #sent = false
  #ended = false

  constructor(options: EndpointOptions, request: SendRequest, resolve: (result: SendResult) => void) {
    this.#options = options
    this.#request = request
    this.#resolve = resolve
  }

  connect(): void {
    const { process } = this.#options
    const { world } = process
    const abort = (): void =>
      this.#end(
        this.#sent ? { kind: 'error', code: 'aborted', message: 'stopped', bytesSent: true } : { kind: 'unsent' },
      )
    const { signal } = this.#request
    onAbort(signal, abort)
    if (signal.aborted) return
    process.clock.setTimer(this.#request.timeoutMs, () =>
      this.#end({ kind: 'error', code: 'timeout', message: 'timed out', bytesSent: this.#sent }),
    )
    world.after(world.chance(this.#options.plan.slowConnects) ? world.int(0, 1_500) : world.random() * 4, () =>
      process.deliver(() => this.#write()),
    )
  }

  #write(): void {
    const { process, plan, mood, onSent } = this.#options
    const { world } = process
    if (this.#ended) return
    if (!this.#request.beforeFirstByte()) {
      this.#end({ kind: 'unsent' })
      return
    }
    this.#sent = true
    const jobId = this.#request.headers['webhook-id']!
    const attempt = Number(this.#request.headers['x-dispatch-attempt'])
    const body = Buffer.from(this.#request.body).toString()
    const sending: Sending = {
      process,
      jobId,
      attempt,
      body,
      atMs: world.nowMs,
      answeredOk: false,
    }
    onSent(sending)
    mishap(process, plan, RISKY)
    this.#answer(sending, mood(jobId, attempt))
  }

  #answer(sending: Sending, mood: Mood): void {
    const { process } = this.#options
    if (mood === 'hangs') return
    const delayMs = mood === 'slow' ? process.world.int(500, 2_500) : process.world.random() * 30
    process.world.after(delayMs, () => {
      // The endpoint has done its work, whatever becomes of the answer.
      sending.answeredOk = mood === 'ok' || mood === 'slow'
      process.deliver(() => this.#end(resultOf(mood)))
    })
  }

  #end(result: SendResult): void {
    if (this.#ended) return
    this.#ended = true
    this.#resolve(result)
  }
}

function resultOf(mood: Mood): SendResult {
  if (mood === 'resets') return { kind: 'error', code: 'reset', message: 'the endpoint hung up', bytesSent: true }
  return { kind: 'response', statusCode: mood === 'fails' ? 500 : 200, body: mood, bodyTruncated: false }
}
