/** Changes from one replica to the others through Redis. Nobody waits for it, and it carries ids alone. */
import type { Redis } from 'ioredis'
import type { Clock, Timer } from '../clock.js'
import type { Service } from '../lifecycle.js'
import type { SharedRedis } from '../redis.js'
import type { Change } from './change-ring.js'

export interface RedisRelayOptions {
  readonly redis: SharedRedis
  readonly clock: Clock
  /** Our own messages come back to us. */
  readonly replicaId: string
  readonly onChanges: (changes: readonly Change[]) => void
  /** Messages may have been lost. */
  readonly onGap: () => void
}

/** Changes of so long go into one message. */
const COLLECT_MS = 50
const MAX_CHANGES_A_MESSAGE = 500
const UUID = /^[0-9a-f-]{36}$/

interface Message {
  readonly from: string
  readonly changes: readonly (readonly [jobId: string, projectId: string])[]
  /** Projects whose echoes keep something else now; beside the changes, where older servers do not look. */
  readonly echoes?: readonly string[]
}

export class RedisRelay implements Service {
  readonly #options: RedisRelayOptions
  #subscriber: Redis | undefined
  #channel = ''
  #isConnected = false
  #hasBeenConnected = false
  #waiting: Change[] = []
  #timer: Timer | undefined

  constructor(options: RedisRelayOptions) {
    this.#options = options
  }

  /** Whether the others' changes are heard at this moment. */
  get isConnected(): boolean {
    return this.#isConnected
  }

  /** Connects in the background: an absent Redis holds up no start. */
  start(): Promise<void> {
    const { channel, client } = this.#options.redis.subscriber('changes')
    this.#channel = channel
    this.#subscriber = client
    client.on('error', () => undefined)
    client.on('ready', () => void this.#subscribe(client))
    client.on('close', () => this.#lose())
    client.on('message', (_channel: string, text: string) => this.#hear(text))
    client.connect().catch(() => undefined)
    return Promise.resolve()
  }

  /** What still waits is sent: the others look into no database while Redis tells them. */
  async stop(): Promise<void> {
    this.#timer?.cancel()
    await this.#send()
    this.#subscriber?.removeAllListeners('close')
    this.#subscriber?.disconnect()
  }

  publish(change: Change): void {
    this.#waiting.push(change)
    this.#timer ??= this.#options.clock.setTimer(COLLECT_MS, () => void this.#send(), { unref: true })
  }

  async #send(): Promise<void> {
    this.#timer = undefined
    const changes = this.#waiting
    this.#waiting = []
    for (let start = 0; start < changes.length; start += MAX_CHANGES_A_MESSAGE) {
      const piece = changes.slice(start, start + MAX_CHANGES_A_MESSAGE)
      const message: Message = {
        from: this.#options.replicaId,
        changes: piece.flatMap(({ jobId, projectId }) => (jobId === null ? [] : [[jobId, projectId] as const])),
        echoes: [...new Set(piece.flatMap(({ jobId, projectId }) => (jobId === null ? [projectId] : [])))],
      }
      // Lost while Redis is away: then the others look into the database.
      await this.#options.redis.ask((client) => client.publish(this.#channel, JSON.stringify(message)))
    }
  }

  async #subscribe(client: Redis): Promise<void> {
    try {
      await client.subscribe(this.#channel)
    } catch {
      // The connection broke again; `close` has told.
      return
    }
    this.#isConnected = true
    if (this.#hasBeenConnected) this.#options.onGap()
    this.#hasBeenConnected = true
  }

  #lose(): void {
    if (!this.#isConnected) return
    this.#isConnected = false
    this.#options.onGap()
  }

  #hear(text: string): void {
    const message = readMessage(text)
    if (!message || message.from === this.#options.replicaId) return
    this.#options.onChanges([
      ...message.changes.map(([jobId, projectId]) => ({ jobId, projectId })),
      ...(message.echoes ?? []).map((projectId) => ({ jobId: null, projectId })),
    ])
  }
}

/** Null for what is none of ours: others may write on the same Redis. */
function readMessage(text: string): Message | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  if (typeof value !== 'object' || value === null || !('from' in value) || !('changes' in value)) return null
  const { from, changes } = value
  const echoes: unknown = 'echoes' in value ? value.echoes : []
  if (typeof from !== 'string' || !isShortArray(changes) || !isShortArray(echoes)) return null
  const isId = (id: unknown): id is string => typeof id === 'string' && UUID.test(id)
  const isChange = (one: unknown): one is Message['changes'][number] =>
    Array.isArray(one) && one.length === 2 && one.every(isId)
  return changes.every(isChange) && echoes.every(isId) ? { from, changes, echoes } : null
}

function isShortArray(value: unknown): value is unknown[] {
  return Array.isArray(value) && value.length <= MAX_CHANGES_A_MESSAGE
}
