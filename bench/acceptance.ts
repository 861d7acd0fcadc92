/**
 * How many jobs are accepted over HTTP, beside a fastify without a database. Both are asked in turns: a machine that changes
 * its pace changes both sides of a ratio.
 */
import { cpuTimeMs } from './cpu-time.js'
import type { DispatchServer } from './dispatch-server.js'
import type { Posted } from './processes/load-client.js'
import type { Processes, Sizes } from './round.js'
import { median, spread, type Spread } from './samples.js'

export interface Accepted {
  /** Open at once; each waits for its answer. */
  readonly connections: number
  readonly perSecond: number
  readonly barePerSecond: number
  /** Median of the turns' ratios. */
  readonly ofBare: number
  readonly latencyMs: Spread
  /** Of the server with all its threads; null where it cannot be read. */
  readonly cpuMsPer1000: number | null
  readonly bareCpuMsPer1000: number | null
}

const TURNS = 3
/** Never due while the benchmark runs. */
const DAY_MS = 24 * 60 * 60_000

interface Side {
  readonly perSecond: number
  readonly latencyMs: Spread
  readonly cpuMs: number | undefined
}

/** Throws when a job is refused. Its jobs stay in the database: measure the rest before. */
export async function measureAcceptance(
  server: DispatchServer,
  processes: Processes,
  { jobs: count, warmUpJobs }: Sizes,
  connections: number,
): Promise<Accepted> {
  const { bareServer, bareServerPort } = processes
  const bare = { port: bareServerPort, apiKeys: ['sk_none'], cpuTimeMs: () => cpuTimeMs(bareServer.pid) }
  const load = { processes, count, connections }
  await post(bare, { ...load, count: warmUpJobs })
  const turns: { bare: Side; dispatch: Side }[] = []
  for (let turn = 0; turn < TURNS; turn += 1) {
    turns.push({ bare: await post(bare, load), dispatch: await post(server, load) })
  }
  const middle = (pick: (turn: (typeof turns)[number]) => number): number => median(turns.map(pick))
  const cpuOf = (side: 'bare' | 'dispatch'): number | null => {
    const known = turns.flatMap((turn) => turn[side].cpuMs ?? [])
    return known.length === 0 ? null : (median(known) * 1000) / count
  }
  return {
    connections,
    perSecond: middle(({ dispatch }) => dispatch.perSecond),
    barePerSecond: middle((turn) => turn.bare.perSecond),
    ofBare: middle((turn) => turn.dispatch.perSecond / turn.bare.perSecond),
    latencyMs: {
      p50: middle(({ dispatch }) => dispatch.latencyMs.p50),
      p99: middle(({ dispatch }) => dispatch.latencyMs.p99),
      max: middle(({ dispatch }) => dispatch.latencyMs.max),
    },
    cpuMsPer1000: cpuOf('dispatch'),
    bareCpuMsPer1000: cpuOf('bare'),
  }
}

async function post(
  server: Pick<DispatchServer, 'port' | 'apiKeys' | 'cpuTimeMs'>,
  { processes, count, connections }: { processes: Processes; count: number; connections: number },
): Promise<Side> {
  const { loadClient, webhookUrls } = processes
  const { port, apiKeys } = server
  const cpuBeforeMs = server.cpuTimeMs()
  const load = { port, connections, apiKeys, webhookUrls, count, firstDueMs: Date.now() + DAY_MS, stepMs: 0 }
  const { durationMs, latenciesMs, refusals } = await loadClient.call('post', load)
  const cpuAfterMs = server.cpuTimeMs()
  requireAll(refusals)
  return {
    perSecond: (count * 1000) / durationMs,
    latencyMs: spread(latenciesMs),
    cpuMs: cpuBeforeMs === undefined || cpuAfterMs === undefined ? undefined : cpuAfterMs - cpuBeforeMs,
  }
}

function requireAll(refusals: Posted['refusals']): void {
  if (Object.keys(refusals).length > 0) throw new Error(`jobs were refused: ${JSON.stringify(refusals)}`)
}
