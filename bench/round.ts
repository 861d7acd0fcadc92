/** One round: what is measured, in one go on one machine, so that ratios compare like with like. */
import { measureAcceptance, type Accepted } from './acceptance.js'
import type { BenchProcess } from './process.js'
import type { DispatchServer } from './dispatch-server.js'
import { judge, type Arrivals, type Deliveries } from './deliveries.js'
import type { BareServerVerbs } from './processes/bare-server.js'
import type { LoadClientVerbs, Posted } from './processes/load-client.js'
import type { RawClientVerbs } from './processes/raw-client.js'
import type { ReceiverVerbs } from './processes/receiver.js'
import { spread, type Spread } from './samples.js'

/** How much of each; `FULL` in `options.ts` is what the tables show. */
export interface Sizes {
  readonly warmUpJobs: number
  /** So many are all due at one instant; and so many are accepted in a turn of `acceptance.ts`. */
  readonly jobs: number
  readonly steadyRates: readonly number[]
  readonly steadySeconds: number
  readonly burstJobs: number
}

export interface Processes {
  readonly receiver: BenchProcess<ReceiverVerbs>
  readonly loadClient: BenchProcess<LoadClientVerbs>
  readonly rawClient: BenchProcess<RawClientVerbs>
  readonly bareServer: BenchProcess<BareServerVerbs>
  /** Of the receiver: each is an endpoint. */
  readonly webhookUrls: readonly string[]
  readonly bareServerPort: number
}

export interface Ceilings {
  readonly rawPerSecond: number
  readonly rawCpuMsPer1000: number
}

/** Lost, duplicate and the like must be 0 in every one. */
export type Faults = Pick<Deliveries, 'expected' | 'lost' | 'duplicates' | 'early' | 'unknown'> & {
  readonly refused: number
  /** What the server knows of the first few that were lost. */
  readonly lostJobs: readonly string[]
}

export interface Delivered {
  readonly perSecond: number
  readonly lateness: Spread
  /** Of the server with all its threads, from the first due time until all is recorded; null where it cannot be read. */
  readonly cpuMsPer1000: number | null
  readonly faults: Faults
}

export interface DatabaseRound {
  /** One for each of `ACCEPTING_CONNECTIONS`. */
  readonly accepted: readonly Accepted[]
  readonly drained: Delivered
  readonly steady: readonly (Delivered & { readonly rate: number })[]
  readonly burst: Delivered
}

/** How many clients wait for their answer at once: few, of whom none waits long, and as many as deliveries have. */
export const ACCEPTING_CONNECTIONS = [64, 256] as const
/** Open to the server while jobs are posted that are to be delivered. */
const CLIENT_CONNECTIONS = 64
/** What `MAX_CONCURRENCY_PER_ENDPOINT` is by default: the raw client may do as much at once. */
const CONNECTIONS_PER_ENDPOINT = 64
/** Nothing arrives for so long: what is missing counts as lost. */
const PATIENCE_MS = 15_000
const LOST_SHOWN = 5

export async function measureCeilings(processes: Processes, sizes: Sizes): Promise<Ceilings> {
  const { rawClient, receiver, webhookUrls } = processes
  const send = (count: number): ReturnType<typeof rawClient.call<'send'>> =>
    rawClient.call('send', { urls: webhookUrls, connectionsPerUrl: CONNECTIONS_PER_ENDPOINT, count })
  await send(sizes.warmUpJobs)
  const raw = await send(sizes.jobs)
  await receiver.call('take', undefined)
  return { rawPerSecond: perSecond(sizes.jobs, raw.durationMs), rawCpuMsPer1000: (raw.cpuMs * 1000) / sizes.jobs }
}

export async function measureDatabase(
  server: DispatchServer,
  processes: Processes,
  sizes: Sizes,
): Promise<DatabaseRound> {
  const run = new DatabaseRun(server, processes)
  const all = processes.webhookUrls
  await run.deliver({ count: sizes.warmUpJobs, webhookUrls: all, stepMs: 0 })
  const drained = await run.deliver({ count: sizes.jobs, webhookUrls: all, stepMs: 0 })
  const steady: (Delivered & { rate: number })[] = []
  for (const rate of sizes.steadyRates) {
    const plan = { count: rate * sizes.steadySeconds, webhookUrls: all, stepMs: 1000 / rate }
    steady.push({ rate, ...(await run.deliver(plan)) })
  }
  const burst = await run.deliver({ count: sizes.burstJobs, webhookUrls: all.slice(0, 1), stepMs: 0 })
  const accepted: Accepted[] = []
  for (const connections of ACCEPTING_CONNECTIONS) {
    accepted.push(await measureAcceptance(server, processes, sizes, connections))
  }
  return { accepted, drained, steady, burst }
}

interface Plan {
  readonly count: number
  readonly webhookUrls: readonly string[]
  /** Between the due times of two jobs. */
  readonly stepMs: number
}

/** How fast jobs are accepted before anything was measured. */
const FIRST_GUESS_PER_SECOND = 300
/** Between the last acceptance and the first due time at the least; and what acceptance may take longer than it did before. */
const MARGIN_MS = 2_000
const SLOWER = 1.5
const MAX_TRIES = 4

class DatabaseRun {
  readonly #server: DispatchServer
  readonly #processes: Processes
  #acceptedPerSecond = FIRST_GUESS_PER_SECOND

  constructor(server: DispatchServer, processes: Processes) {
    this.#server = server
    this.#processes = processes
  }

  /**
   * Has all jobs of the plan accepted before the first is due, and then delivered. A machine that became slower in between
   * gets another chance, since jobs that come too late are rightly refused. Throws after the last.
   */
  async deliver(plan: Plan): Promise<Delivered> {
    for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
      const firstDueMs = Date.now() + Math.ceil((plan.count * 1000 * SLOWER) / this.#acceptedPerSecond) + MARGIN_MS
      const posted = await this.#post(plan, firstDueMs)
      const cpuAcceptedMs = this.#server.cpuTimeMs()
      const arrivals = await this.#arrivals(posted, firstDueMs + plan.count * plan.stepMs)
      const cpuMsPer1000 = cpuPer1000(cpuAcceptedMs, this.#server.cpuTimeMs(), plan.count)
      if (posted.endedAtMs >= firstDueMs) continue
      return { cpuMsPer1000, ...(await this.#judged(plan, posted, arrivals, firstDueMs)) }
    }
    throw new Error(
      `${plan.count} jobs could not be accepted before they were due: the machine is too busy to measure on`,
    )
  }

  async #post({ count, webhookUrls, stepMs }: Plan, firstDueMs: number): Promise<Posted> {
    const { loadClient } = this.#processes
    const { port, apiKeys } = this.#server
    const load = { port, connections: CLIENT_CONNECTIONS, apiKeys, webhookUrls, count, firstDueMs, stepMs }
    const posted = await loadClient.call('post', load)
    this.#acceptedPerSecond = perSecond(count, posted.durationMs)
    return posted
  }

  /** All that arrives, once the server has recorded it. */
  async #arrivals(posted: Posted, untilMs: number): Promise<Arrivals> {
    const { receiver } = this.#processes
    await receiver.call('waitFor', { count: posted.jobs.length, untilMs, patienceMs: PATIENCE_MS })
    await this.#server.settled()
    return receiver.call('take', undefined)
  }

  async #judged(
    { count }: Plan,
    { jobs, refusals }: Posted,
    arrivals: Arrivals,
    firstDueMs: number,
  ): Promise<Pick<Delivered, 'perSecond' | 'lateness' | 'faults'>> {
    const { expected, lost, lostIds, duplicates, early, unknown, latenessMs, lastArrivalMs } = judge(jobs, arrivals)
    if (lost === expected) throw new Error(`none of ${count} jobs arrived; refused: ${JSON.stringify(refusals)}`)
    const lostJobs = await Promise.all(lostIds.slice(0, LOST_SHOWN).map((id) => this.#server.describeJob(id)))
    return {
      perSecond: perSecond(expected - lost, lastArrivalMs - firstDueMs),
      lateness: spread(latenessMs),
      faults: { expected, lost, duplicates, early, unknown, refused: count - expected, lostJobs },
    }
  }
}

function perSecond(count: number, durationMs: number): number {
  return (count * 1000) / durationMs
}

function cpuPer1000(beforeMs: number | undefined, afterMs: number | undefined, count: number): number | null {
  return beforeMs === undefined || afterMs === undefined ? null : ((afterMs - beforeMs) * 1000) / count
}
