/**
 * The Redis that replicas share, when there is one. Nothing in it is the truth and nobody waits for it: while it is away or
 * slow, callers go on without it. Away is announced once, by the first command or connection that fails; from then on
 * nothing is asked of it, until a probe that reads and writes as our scripts do has been answered.
 */
import { Redis } from 'ioredis'
import type { Clock } from './clock.js'
import type { Events } from './events.js'
import { Loop, type Service } from './lifecycle.js'

export interface RedisTimeouts {
  /** A start waits this long at most. */
  readonly connectMs: number
  /** What a request may lose to a Redis that hangs; once, since after it Redis counts as away. */
  readonly commandMs: number
}

const TIMEOUTS: RedisTimeouts = { connectMs: 2_000, commandMs: 250 }
const LONGEST_RECONNECT_PAUSE_MS = 1_000
const PROBE_EVERY_MS = 1_000

/**
 * A server that only reads (a replica, one out of memory), or forbids scripts or a command of ours (ACL), is of no use to us.
 * The commands of all scripts: a probe that asks for less would call Redis back only to lose it with the next request.
 */
const PROBE_SCRIPT = `
redis.call('TIME')
redis.call('GET', KEYS[1])
return redis.call('SET', KEYS[1], '1', 'PX', 1000)
`

/** Of all our keys. Two Dispatches on one Redis need a database number each (`redis://host/1`). */
const KEY_PREFIX = 'dispatch:'

export interface SharedRedisOptions {
  /** `redis://` or `rediss://` (TLS), with credentials and a database number if need be. */
  readonly url: string
  readonly clock: Clock
  readonly events: Events
  /** Default: two seconds and a quarter of one. */
  readonly timeouts?: RedisTimeouts
}

export class SharedRedis implements Service {
  readonly #client: Redis
  readonly #clock: Clock
  readonly #events: Events
  readonly #probes: Loop
  /** Set while away. */
  #awaySinceMs: number | undefined
  #isStopped = false

  constructor({ url, clock, events, timeouts = TIMEOUTS }: SharedRedisOptions) {
    this.#clock = clock
    this.#events = events
    this.#client = new Redis(url, {
      lazyConnect: true,
      keyPrefix: KEY_PREFIX,
      connectTimeout: timeouts.connectMs,
      commandTimeout: timeouts.commandMs,
      // A command is for now or never: a request does not wait until Redis is back.
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      retryStrategy: (times) => Math.min(times * 100, LONGEST_RECONNECT_PAUSE_MS),
    })
    this.#client.on('error', (error: unknown) => this.#fail(error))
    this.#client.on('close', () => this.#fail(new Error('Redis closed the connection')))
    this.#client.on('ready', () => this.#probes.runSoon())
    this.#probes = new Loop({
      clock,
      everyMs: PROBE_EVERY_MS,
      run: () => this.#probe(),
      onError: (error) => this.#failProbe(error),
    })
  }

  /** Resolves when Redis has answered, or has been announced as away; never rejects. */
  async start(): Promise<void> {
    await this.#client.connect().catch((error: unknown) => this.#fail(error))
    await this.#probes.start()
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#probes.stop()
    this.#client.disconnect()
  }

  /** What `use` answers, or undefined when Redis is away or `use` fails; within the time of a command in any case. */
  async ask<Answer>(use: (client: Redis) => Promise<Answer>): Promise<Answer | undefined> {
    if (this.#awaySinceMs !== undefined) return undefined
    try {
      return await use(this.#client)
    } catch (error) {
      this.#fail(error)
      return undefined
    }
  }

  /**
   * A connection of its own for hearing messages, to be connected and closed by the caller. Channels are not parted by the
   * number of the database, as keys are, so its name has that number.
   */
  subscriber(name: string): { client: Redis; channel: string } {
    const channel = `${KEY_PREFIX}${this.#client.options.db ?? 0}:${name}`
    // What is sent here is a subscription: it may wait for the connection and for its answer.
    const client = this.#client.duplicate({ keyPrefix: '', enableOfflineQueue: true, autoResubscribe: false })
    return { client, channel }
  }

  #fail(error: unknown): void {
    if (this.#isStopped || this.#awaySinceMs !== undefined) return
    this.#awaySinceMs = this.#clock.monotonicMs()
    this.#events.emit('redisAway', { error })
  }

  async #probe(): Promise<void> {
    if (this.#awaySinceMs === undefined || this.#client.status !== 'ready') return
    await this.#client.eval(PROBE_SCRIPT, 1, 'probe')
    const awayMs = this.#clock.monotonicMs() - this.#awaySinceMs
    this.#awaySinceMs = undefined
    this.#events.emit('redisBack', { awayMs })
  }

  /** A connection on which nothing is answered may lead to a host that has vanished; another may not. */
  #failProbe(error: unknown): void {
    this.#fail(error)
    const isSilent = error instanceof Error && error.message === 'Command timed out'
    if (isSilent && !this.#isStopped) this.#client.disconnect(true)
  }
}
