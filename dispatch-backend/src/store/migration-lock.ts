import { randomUUID } from 'node:crypto'
import type { Clock, Timer } from '../clock.js'
import type { Connection, Database } from './sql/database.js'

/** By the database's clock. A killed run holds the others up for this long at most. */
const EXPIRY_MS = 15_000
const RENEW_EVERY_MS = 4_000
const ASK_EVERY_MS = 300

/**
 * One migrator at a time: a row with an expiry, renewed while it is held. Not a lock of the server (`GET_LOCK`, advisory
 * locks), because those live on one node of a cluster.
 */
export class MigrationLock {
  readonly #database: Database
  readonly #clock: Clock
  readonly #owner = randomUUID()
  #timer: Timer | undefined
  #renewing: Promise<unknown> = Promise.resolve()

  private constructor(database: Database, clock: Clock) {
    this.#database = database
    this.#clock = clock
  }

  /** Waits until nobody else holds it. */
  static async acquire(database: Database, clock: Clock): Promise<MigrationLock> {
    const lock = new MigrationLock(database, clock)
    while (!(await lock.#take())) await clock.sleep(ASK_EVERY_MS)
    lock.#renewLater()
    return lock
  }

  /** Rejects when the lock was lost: this process was paused for longer than the expiry, and another may have gone on. */
  async assertHeld(connection: Connection): Promise<void> {
    const held = await connection.query('select id from schema_migration_lock where owner = ?', [this.#owner])
    if (held.length === 0)
      throw new Error('Another process took over the migration while this one stood still; run it again')
  }

  async release(): Promise<void> {
    this.#timer?.cancel()
    await this.#renewing
    // The one that a renewal under way has set since.
    this.#timer?.cancel()
    await this.#database.write((connection) =>
      connection.execute('delete from schema_migration_lock where owner = ?', [this.#owner]),
    )
  }

  /** Whether it is ours now; also renews it. */
  #take(): Promise<boolean> {
    const { nowMs } = this.#database.dialect
    const insert = this.#database.dialect.insertIfAbsent('schema_migration_lock', ['id', 'owner', 'expires_at'], 1)
    return this.#database.write(async (connection) => {
      await connection.execute(insert, [1, this.#owner, 0])
      const taken = await connection.execute(
        `update schema_migration_lock set owner = ?, expires_at = ${nowMs} + ? where id = 1 and (owner = ? or expires_at < ${nowMs})`,
        [this.#owner, EXPIRY_MS, this.#owner],
      )
      return taken === 1
    })
  }

  #renewLater(): void {
    this.#timer = this.#clock.setTimer(RENEW_EVERY_MS, () => {
      // A failed renewal shows at the next `assertHeld`, if it matters by then.
      this.#renewing = this.#take().then(
        () => this.#renewLater(),
        () => this.#renewLater(),
      )
    })
  }
}
