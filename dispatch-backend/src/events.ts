/**
 * What engine and API announce. Names follow the store's verbs. Subscribers (log, metrics) can never hurt the announcer:
 * one that throws is reported once and the others still hear.
 */
import { EventEmitter } from 'node:events'

export interface DispatchEvents {
  /** Jobs were stored (or found to be repeats) in one commit. */
  created: { count: number; durationMs: number }
  armed: { count: number }
  claimed: { asked: number; got: number; durationMs: number }
  /** An attempt ended. `outcome` as classified. */
  delivered: {
    jobId: string
    attempt: number
    outcome: 'delivered' | 'retry' | 'dead' | 'interrupted'
    latenessMs: number | null
    durationMs: number
    responseCode: number | null
    error: string | null
  }
  /** A job was created, claimed, recorded, handed back, released or cancelled here. `projectId` null: not known to who did it. */
  jobChanged: JobChanged
  /** A project's echo has changed here: it kept a request (`requestId`), was cleared, or told something else. */
  echoChanged: { projectId: string; requestId?: string }
  /** A stream of live events was opened or closed; so many are open. */
  streaming: { streams: number }
  recorded: { count: number; fenced: number; durationMs: number }
  handedBack: { count: number }
  released: { count: number; dead: number }
  purged: { count: number }
  /** Finished jobs pile up, and nothing is configured to delete old ones. */
  manyFinished: { moreThan: number }
  databaseAway: { during: string; error: unknown }
  databaseBack: { awayMs: number }
  /** A mail was taken by the mail server. */
  mailed: { kind: string; tries: number }
  /** It was not; `error` holds no address. Without `willRetry` it is given up. */
  mailFailed: { kind: string; tries: number; error: string; willRetry: boolean }
  /** The Redis that replicas share: rate limits are each process's own until it is back. */
  redisAway: { error: unknown }
  redisBack: { awayMs: number }
  /** The instance has no owner any more. Only for who reads the terminal: never in the log's own lines. */
  setupTokenMade: { setupToken: string }
  clockOffset: { offsetMs: number }
  membership: { index: number; count: number }
  /** A request was answered; `route` is its pattern (`/api/v1/jobs/:id`). */
  answered: { requestId: string; method: string; route: string; status: number; durationMs: number }
  /** A loop, a request or a subscriber failed in a way nobody expected; the work goes on. */
  unexpected: { where: string; error: unknown; requestId?: string }
}

export interface JobChanged {
  readonly jobId: string
  readonly projectId: string | null
  /** Of the attempt that was recorded. */
  readonly attemptId?: string
}

export type EventName = keyof DispatchEvents

export class Events {
  readonly #emitter = new EventEmitter()

  on<Name extends EventName>(name: Name, listener: (event: DispatchEvents[Name]) => void): void {
    this.#emitter.on(name, (event: DispatchEvents[Name]) => {
      try {
        listener(event)
      } catch (error) {
        if (name !== 'unexpected') this.emit('unexpected', { where: `subscriber of ${name}`, error })
      }
    })
  }

  emit<Name extends EventName>(name: Name, event: DispatchEvents[Name]): void {
    this.#emitter.emit(name, event)
  }
}
