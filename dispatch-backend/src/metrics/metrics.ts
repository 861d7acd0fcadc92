/**
 * The numbers for Prometheus. What happens is counted as `Events` announce it; what is (armed, in flight, backlog) is read
 * when a scrape asks. A failure in here is a subscriber's failure and cannot hurt a delivery.
 */
import { collectDefaultMetrics, Registry } from 'prom-client'
import type { Clock } from '../clock.js'
import type { DispatchEvents, Events } from '../events.js'
import type { Store } from '../store/store.js'
import { Backlog, type BacklogSize } from './backlog.js'
import { createInstruments, type Instruments } from './instruments.js'

export interface MetricsDeps {
  readonly events: Events
  readonly clock: Clock
  readonly store: Pick<Store, 'readDue'>
  /** What the engine holds at this moment. */
  readonly engineState: () => HeldByEngine
  readonly version: string
}

export interface HeldByEngine {
  readonly armed: number
  readonly inFlight: number
  readonly recordsPending: number
  readonly clockOffsetMs: number
  readonly databaseAway: boolean
}

export interface Metrics {
  readonly contentType: string
  /** The text of one scrape. Takes at most two seconds, whatever the database does. */
  read(): Promise<string>
}

/** Counts from now on. `Events` have no way to unsubscribe: one for each process. */
export function createMetrics({ events, clock, store, engineState, version }: MetricsDeps): Metrics {
  const registry = new Registry()
  const instruments = createInstruments(registry)
  collectDefaultMetrics({ register: registry })
  instruments.build.set({ version }, 1)
  instruments.replicas.set(1)
  countAttempts(events, instruments)
  countCommits(events, instruments)
  countTroubles(events, instruments)
  countNeighbours(events, instruments)
  events.on('answered', (event) => instruments.requestDuration.observe(requestLabels(event), seconds(event.durationMs)))
  const backlog = new Backlog({ store, clock, nowMs: () => clock.wallMs() + engineState().clockOffsetMs })
  return {
    contentType: registry.contentType,
    async read() {
      const overdue = await backlog.size()
      showEngine(engineState(), instruments)
      showBacklog(overdue, instruments)
      return registry.metrics()
    },
  }
}

function countAttempts(events: Events, { attempts, lateness, attemptDuration }: Instruments): void {
  events.on('delivered', ({ outcome, latenessMs, durationMs }) => {
    attempts.inc({ outcome })
    attemptDuration.observe({ outcome }, seconds(durationMs))
    if (latenessMs !== null) lateness.observe(seconds(latenessMs))
  })
}

function countCommits(events: Events, instruments: Instruments): void {
  events.on('claimed', ({ asked, got, durationMs }) => {
    instruments.claimDuration.observe(seconds(durationMs))
    instruments.claimBatch.observe(asked)
    instruments.claimsMissed.inc(asked - got)
  })
  events.on('recorded', ({ count, fenced, durationMs }) => {
    instruments.recordDuration.observe(seconds(durationMs))
    instruments.recordBatch.observe(count)
    instruments.recordsFenced.inc(fenced)
  })
  events.on('created', ({ count, durationMs }) => {
    instruments.createDuration.observe(seconds(durationMs))
    instruments.createBatch.observe(count)
  })
}

function countTroubles(events: Events, instruments: Instruments): void {
  events.on('handedBack', ({ count }) => instruments.handedBack.inc(count))
  events.on('released', ({ count, dead }) => {
    instruments.released.inc({ result: 'due' }, count - dead)
    instruments.released.inc({ result: 'dead' }, dead)
  })
  events.on('purged', ({ count }) => instruments.purged.inc(count))
  events.on('databaseAway', () => instruments.databaseOutages.inc())
  events.on('membership', ({ count }) => instruments.replicas.set(count))
  events.on('unexpected', () => instruments.unexpected.inc())
}

function countNeighbours(events: Events, { mails, redisAway, eventStreams }: Instruments): void {
  events.on('mailed', () => mails.inc({ result: 'sent' }))
  events.on('mailFailed', ({ willRetry }) => mails.inc({ result: willRetry ? 'failed' : 'lost' }))
  events.on('streaming', ({ streams }) => eventStreams.set(streams))
  events.on('redisAway', () => redisAway.set(1))
  events.on('redisBack', () => redisAway.set(0))
}

function showEngine(state: HeldByEngine, instruments: Instruments): void {
  instruments.armed.set(state.armed)
  instruments.inFlight.set(state.inFlight)
  instruments.recordsPending.set(state.recordsPending)
  instruments.clockOffset.set(seconds(state.clockOffsetMs))
  instruments.databaseAway.set(Number(state.databaseAway))
}

/** An unknown backlog is absent: a zero would say that all is well. */
function showBacklog(size: BacklogSize | null, { backlog, backlogAge }: Instruments): void {
  if (!size) {
    backlog.remove()
    backlogAge.remove()
    return
  }
  backlog.set(size.jobs)
  backlogAge.set(seconds(size.oldestMs))
}

/** Methods that routes take; a scanner may send any of Node's thirty others. */
const METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']

function requestLabels({ method, route, status }: DispatchEvents['answered']): Record<string, string> {
  return { method: METHODS.includes(method) ? method : 'other', route, status: `${Math.floor(status / 100)}xx` }
}

function seconds(ms: number): number {
  return ms / 1_000
}
