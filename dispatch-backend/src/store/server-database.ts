/**
 * What databases behind a socket have in common: connections are lent from a pool, a transaction is begun, committed or
 * rolled back, and every loan has a deadline, because a server whose host vanished never answers and no error comes either.
 */
import type { Clock, Timer } from '../clock.js'
import { retrying, type Failure } from './retry.js'
import type { Connection, Database, Dialect, SqlValue } from './sql/database.js'
import { DatabaseAwayError, QueryTooSlowError } from './store.js'

/** One connection of a pool, lent. */
export interface Session extends Connection {
  begin(): Promise<void>
  /** Rejects when the server rolled back instead. */
  commit(): Promise<void>
  rollback(): Promise<void>
  /** Makes the next reads see every write acknowledged on any node; answers how to undo that. */
  freshen(): Promise<() => Promise<void>>
  /** Gives it back; one that is `broken` is closed instead, at once. */
  release(broken: boolean): void
}

export interface SessionPool {
  acquire(): Promise<Session>
  close(): Promise<void>
}

export interface ServerDatabaseOptions {
  readonly dialect: Dialect
  readonly pool: SessionPool
  readonly classify: (error: unknown) => Failure
  /** The server ended the statement because it took too long (or because an operator said so). */
  readonly isEnded: (error: unknown) => boolean
  readonly clock: Clock
  /** For messages, without credentials: `PostgreSQL at db:5432/dispatch`. */
  readonly where: string
  /**
   * How long a transaction may take, waiting for a connection included; then its connection is closed. A read that is told
   * as too slow may take as long beside its wait.
   */
  readonly deadlineMs: number
  /**
   * Whether a read that takes too long rejects with `QueryTooSlowError`, and at once. Else it is run again as after a lost
   * connection, which for a person's list would take three times as long and end the same way.
   */
  readonly endsSlowReads?: boolean
}

type Run<T> = (session: Session) => Promise<T>

const CLOSE_MS = 3_000

export class ServerDatabase implements Database {
  readonly dialect: Dialect
  readonly #options: ServerDatabaseOptions

  constructor(options: ServerDatabaseOptions) {
    this.dialect = options.dialect
    this.#options = options
  }

  write<T>(body: (connection: Connection) => Promise<T>): Promise<T> {
    return this.#lend(async (session) => {
      await session.begin()
      const result = await body(session)
      await session.commit()
      return result
    })
  }

  read<T>(body: (connection: Connection) => Promise<T>, { fresh = false }: { fresh?: boolean } = {}): Promise<T> {
    const run: Run<T> = async (session) => {
      if (!fresh) return body(session)
      const undo = await session.freshen()
      const result = await body(session)
      await undo()
      return result
    }
    return this.#options.endsSlowReads === true ? this.#lendForRead(run) : this.#lend(run)
  }

  /** Says goodbye to the server, but does not wait long for one that does not answer. */
  async close(): Promise<void> {
    const closed = new AbortController()
    const closing = this.#options.pool.close().finally(() => closed.abort())
    await Promise.race([closing, this.#options.clock.sleep(CLOSE_MS, closed.signal)])
  }

  #lend<T>(run: Run<T>): Promise<T> {
    const loan = async (deadline: Promise<never>): Promise<T> => this.#use(await this.#acquire(deadline), run, deadline)
    return retrying(this.#options, () => this.#beforeDeadline(loan, () => this.#noAnswer()))
  }

  /** Tells too much work from an absence: who ends a statement, or has answered one, is there. */
  #lendForRead<T>(run: Run<T>): Promise<T> {
    const { clock, isEnded } = this.#options
    let startedMs = 0
    let hasAnswered = false
    const tooSlow = (cause?: unknown): QueryTooSlowError => this.#tooSlow(clock.monotonicMs() - startedMs, cause)
    const watched: Run<T> = async (session) => {
      startedMs = clock.monotonicMs()
      try {
        return await run(noting(session, () => (hasAnswered = true)))
      } catch (error) {
        hasAnswered = false
        throw isEnded(error) ? tooSlow(error) : error
      }
    }
    const noAnswer = (): DatabaseAwayError => this.#noAnswer()
    return retrying(this.#options, async () => {
      // Its wait for a connection is not the query's: with one deadline for both, ours would come before the server's own.
      const session = await this.#beforeDeadline((deadline) => this.#acquire(deadline), noAnswer)
      const use = (deadline: Promise<never>): Promise<T> => this.#use(session, watched, deadline)
      return this.#beforeDeadline(use, () => (hasAnswered ? tooSlow() : noAnswer()))
    })
  }

  #noAnswer(): DatabaseAwayError {
    const { where, deadlineMs } = this.#options
    return new DatabaseAwayError(`${where} did not answer within ${deadlineMs / 1000} s`)
  }

  #tooSlow(elapsedMs: number, cause: unknown): QueryTooSlowError {
    const seconds = Math.max(1, Math.round(elapsedMs / 1000))
    return new QueryTooSlowError(`${this.#options.where} took too long for a read, ended after ${seconds} s`, {
      seconds,
      cause,
    })
  }

  async #use<T>(session: Session, run: Run<T>, deadline: Promise<never>): Promise<T> {
    try {
      const result = await Promise.race([run(session), deadline])
      session.release(false)
      return result
    } catch (error) {
      session.release(!(await this.#isClean(session, error, deadline)))
      throw error
    }
  }

  async #acquire(deadline: Promise<never>): Promise<Session> {
    const acquiring = this.#options.pool.acquire()
    try {
      return await Promise.race([acquiring, deadline])
    } catch (error) {
      // It may still come, with nobody left to use it.
      acquiring.then(
        (session) => session.release(false),
        () => undefined,
      )
      throw error
    }
  }

  /** Whether the connection can be used again after `error`: it lives, and nothing of the transaction is left on it. */
  async #isClean(session: Session, error: unknown, deadline: Promise<never>): Promise<boolean> {
    if (error instanceof DatabaseAwayError || this.#options.classify(error) === 'away') return false
    try {
      await Promise.race([session.rollback(), deadline])
      return true
    } catch {
      return false
    }
  }

  async #beforeDeadline<T>(
    run: (deadline: Promise<never>) => Promise<T>,
    tooLate: () => DatabaseAwayError,
  ): Promise<T> {
    const { clock, deadlineMs } = this.#options
    let timer: Timer | undefined
    const deadline = new Promise<never>((_, reject) => {
      timer = clock.setTimer(deadlineMs, () => reject(tooLate()))
    })
    try {
      return await run(deadline)
    } finally {
      timer?.cancel()
    }
  }
}

/** The same session, telling of each statement that was answered. */
function noting(session: Session, onAnswer: () => void): Session {
  const noted = async <T>(answering: Promise<T>): Promise<T> => {
    const answer = await answering
    onAnswer()
    return answer
  }
  return {
    query: <Row>(sql: string, values?: readonly SqlValue[]) => noted(session.query<Row>(sql, values)),
    execute: (sql, values) => noted(session.execute(sql, values)),
    begin: () => session.begin(),
    commit: () => session.commit(),
    rollback: () => session.rollback(),
    freshen: () => session.freshen(),
    release: (broken) => session.release(broken),
  }
}
