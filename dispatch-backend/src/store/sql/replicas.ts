import type { Heartbeat } from '../store.js'
import type { Connection, Database } from './database.js'
import { readDatabaseClock } from './database-clock.js'

/** See `EngineStore.heartbeat`. The time written is the database's own, read in the same transaction. */
export function heartbeat(
  database: Database,
  { replicaId, staleAfterMs }: { replicaId: string; staleAfterMs: number },
): Promise<Heartbeat> {
  const write = async (connection: Connection): Promise<Heartbeat> => {
    const databaseNowMs = await readDatabaseClock(connection, database.dialect)
    await connection.execute(database.dialect.upsert('replicas', ['id', 'heartbeat_at'], ['id'], ['heartbeat_at']), [
      replicaId,
      databaseNowMs,
    ])
    const rows = await connection.query<{ id: string }>(
      'select id from replicas where heartbeat_at > ? or id = ? order by id',
      [databaseNowMs - staleAfterMs, replicaId],
    )
    return { databaseNowMs, replicaIds: rows.map((row) => row.id) }
  }
  // It tells who lives now; a power cut ends that.
  return database.write(write, { survivesPowerCut: false })
}

/** See `EngineStore.removeReplica`. */
export async function removeReplica(database: Database, replicaId: string): Promise<void> {
  await database.write((connection) => connection.execute('delete from replicas where id = ?', [replicaId]))
}
