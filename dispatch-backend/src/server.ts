/**
 * One running Dispatch: its parts in the order they start. They stop in reverse, and whatever had started is undone when a
 * later part fails to.
 *
 *   engine lock (SQLite) -> store -> sender -> engine and app built -> listen -> engine started
 *
 * A stop first makes `/readyz` fail. The engine takes no more claims and finishes what is in flight, while the API still
 * answers; then the API ends its requests and closes, and at last the store.
 */
import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import type { Clock } from './clock.js'
import type { Config } from './config.js'
import { loadEncryptionKey } from './config/encryption-key.js'
import { dashboardSettings, describeDashboard, type Dashboard } from './dashboard.js'
import { createAddressGuard, type AddressGuard } from './delivery/address-guard.js'
import { newId } from './domain/id.js'
import { createCodeHash, type HashCode } from './domain/proof.js'
import { createSealer, type Sealer } from './domain/secrets.js'
import { Engine } from './engine/engine.js'
import { createOwnEcho } from './engine/send/own-echo.js'
import { createSender, type Sender } from './engine/send.js'
import { checkEncryptionKey } from './encryption-check.js'
import type { Events } from './events.js'
import { createApp } from './http/app.js'
import type { AppDeps } from './http/app-deps.js'
import { newSetupToken } from './http/setup-token.js'
import { createSharedRateLimiter } from './http/shared-rate-limiter.js'
import { cannotListen, closeWithin, listen, listeningUrl, urlAt } from './listening.js'
import { EventStreams } from './live/event-streams.js'
import { LiveEvents } from './live/live-events.js'
import type { Log } from './log.js'
import { openMail } from './mail/open-mail.js'
import { createMaintenance } from './maintenance.js'
import { startMetrics, type StartedMetrics } from './metrics/start-metrics.js'
import { migrate } from './store/migrate.js'
import { SharedRedis } from './redis.js'
import { createRetention } from './retention.js'
import { createRollUp } from './stats/roll-up.js'
import { openStore } from './store/open.js'
import { lockEngine } from './store/sqlite/engine-lock.js'
import { DatabaseAwayError, type Store } from './store/store.js'

export interface Surroundings {
  readonly clock: Clock
  readonly events: Events
  readonly log: Log
  /** Of Dispatch itself; part of the `user-agent`. */
  readonly version: string
}

export interface Server {
  readonly url: string
  /** For people, without credentials. */
  readonly database: string
  /** For people: whether it is on, and by which server. */
  readonly mail: string
  /** Makes the first account from another machine; undefined once there is an owner. */
  readonly setupToken: string | undefined
  /** Where the metrics are read; undefined when they are off. */
  readonly metricsUrl: string | undefined
  readonly dashboard: Dashboard
  /**
   * Resolves when everything in flight is recorded and closed. What is in flight has `graceMs`; records that wait for an
   * absent database as much again, and requests that do not end too.
   */
  stop(graceMs: number): Promise<void>
}

/** What one echo takes: enough to try out, too little to be a service of its own. Each is a write to the database. */
const ECHO_REQUESTS_PER_MINUTE = 300
/** How long a start waits for a database server that does not answer: it may be starting beside us. */
const DATABASE_PATIENCE_MS = 60_000
const DATABASE_RETRY_MS = 2_000

/** Starts everything. Rejects, with all that had started undone, with words that say what to do. */
export async function startServer(config: Config, surroundings: Surroundings): Promise<Server> {
  const undo = new UndoList()
  try {
    const parts = await openParts(config, surroundings, undo)
    return await run(parts, config, surroundings, undo)
  } catch (error) {
    await undo.run()
    throw error
  }
}

/** What has to be closed again, last opened first. */
class UndoList {
  readonly #steps: (() => Promise<void> | void)[] = []

  add(step: () => Promise<void> | void): void {
    this.#steps.push(step)
  }

  async run(): Promise<void> {
    for (let step = this.#steps.pop(); step; step = this.#steps.pop()) await step()
  }
}

interface Parts {
  readonly store: Store
  readonly sealer: Sealer
  readonly guard: AddressGuard
  readonly sender: Sender
  readonly hashCode: HashCode
}

async function openParts(config: Config, surroundings: Surroundings, undo: UndoList): Promise<Parts> {
  const { clock, log } = surroundings
  const { database } = config
  if (database.kind === 'sqlite') {
    const lock = lockEngine(database.file)
    undo.add(() => lock.release())
  }
  const { key, warnings } = await loadEncryptionKey(config)
  for (const warning of [...config.warnings, ...warnings]) log.warning(warning)
  const store = await openPatiently(config, surroundings)
  undo.add(() => store.close())
  const guard = createAddressGuard(config.allowPrivateWebhooks)
  const sealer = createSealer(key)
  await checkEncryptionKey(store, sealer)
  const sender = createSender({ clock, guard })
  undo.add(() => sender.close())
  return { store, sealer, guard, sender, hashCode: createCodeHash(key) }
}

async function run(parts: Parts, config: Config, surroundings: Surroundings, undo: UndoList): Promise<Server> {
  const { store, sealer, guard } = parts
  const { clock, events } = surroundings
  let isStopping = false
  // Remembered when the server listens no more: requests and deliveries may still ask.
  let bound: AddressInfo | string | null = null
  const listening = (): AddressInfo | string | null => (bound ??= app.server.address())
  const publicUrl = (): string =>
    config.publicUrl ?? config.frontendUrl ?? config.uiUrl ?? boundUrl(listening(), config)
  const ownEcho = createOwnEcho({ clock, publicUrl, listening })
  const sender = ownEcho.around(parts.sender)
  undo.add(() => sender.close())
  const engine = buildEngine({ ...parts, sender }, config, surroundings)
  const metrics = await openMetrics(engine, parts, config, surroundings)
  undo.add(() => metrics.close())
  const setupToken = (await store.hasInstanceOwner()) ? undefined : newSetupToken()
  const frontendUrl = (): string => config.frontendUrl ?? config.uiUrl ?? listeningUrl(app, config.host)
  const mail = openMail(config.mail, { store, clock, events, hashCode: parts.hashCode, frontendUrl })
  const redis = await openRedis(config, surroundings, undo)
  const streams = new EventStreams({ store, clock, events, newId })
  const live = new LiveEvents({ store, clock, events, streams, redis, replicaId: engine.replicaId })
  const app = await createApp({
    ...(await appSettings(config, store)),
    ...(setupToken === undefined ? {} : { setupToken }),
    ...(metrics.onApiPort && { metrics: metrics.onApiPort }),
    ...(redis && { createRateLimiter: (rule) => createSharedRateLimiter(rule, { redis, clock }) }),
    streams,
    ...(mail.sender && { mail: mail.sender }),
    ...dashboardSettings(config),
    ...{ store, clock, events, sealer, publicUrl, userAgent: userAgentOf(surroundings.version) },
    addressGuard: { checkUrl: (url) => (ownEcho.owns(url) ? { allowed: true } : guard.checkUrl(url)) },
    wake: (job) => engine.wake(job),
    isReady: () => readiness(isStopping, engine),
  })
  const maintenance = createMaintenance({ store, clock, events })
  const { retentionSuccessDays: successDays, retentionFailedDays: failedDays } = config
  const retention = createRetention({ store, clock, events, replicaId: newId(), successDays, failedDays })
  const rollUp = createRollUp({ store, clock, events, replicaId: engine.replicaId })
  /** Requests are answered while the engine finishes: what is created now fires after the next start, or elsewhere. */
  const stopRunning = async (graceMs: number): Promise<void> => {
    isStopping = true
    await Promise.all([engine.stop(graceMs), mail.stop(), maintenance.stop(), retention.stop(), rollUp.stop()])
    await closeWithin(graceMs, app, clock)
    // Last, since engine and requests announced changes until now.
    await live.stop()
  }
  undo.add(() => stopRunning(0))

  await listen(app, config)
  await engine.start()
  await maintenance.start()
  await retention.start()
  await rollUp.start()
  await live.start()
  await mail.start()
  return {
    url: listeningUrl(app, config.host),
    metricsUrl: metricsUrl(metrics, listeningUrl(app, config.host), config),
    database: store.capabilities.description,
    mail: mail.description,
    dashboard: describeDashboard(listeningUrl(app, config.host), config),
    setupToken,
    async stop(graceMs) {
      await stopRunning(graceMs)
      await undo.run()
    },
  }
}

/** As `listeningUrl`, of an address that was asked for once. */
function boundUrl(bound: AddressInfo | string | null, { host, port }: Config): string {
  return urlAt(host, typeof bound === 'object' && bound !== null ? bound.port : port)
}

/** What the processes on one Redis share, when there is one. */
async function openRedis(
  { redisUrl }: Config,
  { clock, events }: Surroundings,
  undo: UndoList,
): Promise<SharedRedis | null> {
  if (redisUrl === null) return null
  const redis = new SharedRedis({ url: redisUrl, clock, events })
  undo.add(() => redis.stop())
  await redis.start()
  return redis
}

/** A database server may be starting beside us; the embedded one is there or broken. */
async function openPatiently(config: Config, { clock, events, log }: Surroundings): Promise<Store> {
  const giveUpAtMs = clock.monotonicMs() + (config.database.kind === 'sqlite' ? 0 : DATABASE_PATIENCE_MS)
  for (;;) {
    try {
      // The embedded database migrates itself: this process holds its lock. On servers replicas of two versions may run.
      if (config.database.kind === 'sqlite') await migrate(config.database, { clock })
      return await openStore(config.database, { clock, events })
    } catch (error) {
      if (!(error instanceof DatabaseAwayError) || clock.monotonicMs() >= giveUpAtMs) throw error
      log.warning(`waiting for the database: ${error.message}`)
      await clock.sleep(DATABASE_RETRY_MS)
    }
  }
}

function buildEngine({ store, sender, sealer }: Parts, config: Config, surroundings: Surroundings): Engine {
  const { clock, events, version } = surroundings
  const { deliveryTimeoutMs, maxAttempts, retryDelaysMs, maxConcurrency, maxConcurrencyPerEndpoint, catchUpRate } =
    config
  const settings = {
    ...{ deliveryTimeoutMs, maxAttempts, retryDelaysMs, maxConcurrency, maxConcurrencyPerEndpoint, catchUpRate },
    userAgent: userAgentOf(version),
  }
  const openSecret = (sealed: string): string => sealer.open(sealed)
  return new Engine({ store, clock, events, sender, openSecret, newId, random: Math.random, settings })
}

function userAgentOf(version: string): string {
  return `Dispatch/${version}`
}

function readiness(stopping: boolean, engine: Engine): { ready: boolean; reason?: string } {
  if (stopping) return { ready: false, reason: 'Dispatch is shutting down' }
  return engine.state.databaseAway ? { ready: false, reason: 'the database does not answer' } : { ready: true }
}

type AppSettings = Pick<
  AppDeps,
  'sessions' | 'limits' | 'maxConnections' | 'corsOrigins' | 'development' | 'trustProxy'
>

async function appSettings(config: Config, store: Store): Promise<AppSettings> {
  // Replicas agree on the first secret that one of them stored.
  const newSecret = randomBytes(48).toString('base64url')
  const secret = config.jwtSecret ?? (await store.settingOrInsert('jwt-secret', newSecret))
  return {
    sessions: { secret, algorithm: config.jwtAlgorithm, lifetimeSeconds: Math.floor(config.jwtLifetimeMs / 1_000) },
    limits: {
      maxBodyBytes: config.maxBodyBytes,
      perMinutePerKey: config.rateLimitPerMinute,
      perMinutePerAddress: config.rateLimitPerMinutePerAddress,
      authPer15Minutes: config.authRateLimitPer15Minutes,
      mailPer15Minutes: config.mailRateLimitPer15Minutes,
      perMinutePerEcho: ECHO_REQUESTS_PER_MINUTE,
    },
    maxConnections: config.maxConnections,
    corsOrigins: config.corsOrigins,
    development: config.nodeEnv !== 'production',
    trustProxy: config.trustProxy,
  }
}

async function openMetrics(
  engine: Engine,
  { store }: Parts,
  { metricsPort: port, metricsHost: host, metricsToken: token }: Config,
  { clock, events, version }: Surroundings,
): Promise<StartedMetrics> {
  try {
    return await startMetrics({ port, host, token }, { clock, events, store, version, engineState: () => engine.state })
  } catch (error) {
    throw cannotListen(error, { host, port, hostName: 'METRICS_HOST', portName: 'METRICS_PORT' })
  }
}

function metricsUrl({ port, onApiPort }: StartedMetrics, url: string, { metricsHost }: Config): string | undefined {
  if (port !== undefined) return `${urlAt(metricsHost, port)}/metrics`
  return onApiPort && `${url}/metrics`
}
