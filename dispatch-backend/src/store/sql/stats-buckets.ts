/** Buckets of statistics, and how far they are counted. */
import { v7 as uuidv7 } from 'uuid'
import { sumBuckets } from '../../stats/sum-buckets.js'
import type { StatsBucket, StatsBucketQuery, StatsCounts, StatsProgress, StatsSums } from '../stats-store.js'
import type { Deletion } from '../retention-store.js'
import type { Connection, Database, Dialect } from './database.js'
import { readDatabaseClock } from './database-clock.js'
import { timeOfId } from './id-time.js'
import { deleteByIds, insertRowsIfAbsent, oneColumn } from './rows.js'
import { readSetting } from './settings.js'

const COUNTED_UNTIL = 'stats-counted-until'
/** Marks read at a time. */
const MAX_LATE = 1_000
const MINUTE_MS = 60_000

interface BucketRow {
  readonly project_id: string
  readonly width_ms: number
  readonly at_ms: number
  readonly counted_until_ms: number
  readonly succeeded: number
  readonly failed: number
  readonly interrupted: number
  readonly detail: string
}

type Detail = Pick<StatsCounts, 'lateness' | 'endpoints' | 'failureIds' | 'isCut'>

const KEY = ['project_id', 'width_ms', 'at_ms']
const VALUES = ['counted_until_ms', 'succeeded', 'failed', 'interrupted', 'detail']

/** See `StatsStore.readStatsBuckets`. */
export async function readStatsBuckets(database: Database, query: StatsBucketQuery): Promise<StatsBucket[]> {
  const { projectIds, widthMs, fromMs, untilMs } = query
  const wanted = database.dialect.rowsFromJson([{ name: 'id', type: 'text' }])
  const rows = await database.read((connection) =>
    connection.query<BucketRow>(
      `select ${[...KEY, ...VALUES].map((column) => `b.${column}`).join(', ')} from ${wanted} as v ` +
        'join stats_buckets as b on b.project_id = v.id where b.width_ms = ? and b.at_ms >= ? and b.at_ms < ?',
      [oneColumn(projectIds), widthMs, fromMs, untilMs],
    ),
  )
  return rows.map(toBucket)
}

/** See `StatsStore.sumStatsBuckets`. */
export async function sumStatsBuckets(
  database: Database,
  { addedUntilMs, ...query }: StatsBucketQuery & { addedUntilMs: number },
): Promise<StatsSums> {
  return sumBuckets(await readStatsBuckets(database, query), addedUntilMs)
}

function toBucket(row: BucketRow): StatsBucket {
  return {
    projectId: row.project_id,
    widthMs: row.width_ms,
    atMs: row.at_ms,
    countedUntilMs: row.counted_until_ms,
    succeeded: row.succeeded,
    failed: row.failed,
    interrupted: row.interrupted,
    ...(JSON.parse(row.detail) as Detail),
  }
}

/** See `StatsStore.writeStatsBuckets`. */
export async function writeStatsBuckets(database: Database, buckets: readonly StatsBucket[]): Promise<void> {
  const statement = database.dialect.upsert('stats_buckets', [...KEY, ...VALUES], KEY, VALUES)
  await database.write(async (connection) => {
    for (const bucket of buckets) {
      const { lateness, endpoints, failureIds, isCut } = bucket
      const detail = JSON.stringify({ lateness, endpoints, failureIds, isCut } satisfies Detail)
      const key = [bucket.projectId, bucket.widthMs, bucket.atMs]
      const counts = [bucket.countedUntilMs, bucket.succeeded, bucket.failed, bucket.interrupted]
      await connection.execute(statement, [...key, ...counts, detail])
    }
  })
}

/** See `StatsStore.readStatsProgress`. */
export function readStatsProgress(database: Database): Promise<StatsProgress> {
  return database.read(
    async (connection) => {
      const counted = await readSetting(connection, COUNTED_UNTIL)
      const late = await connection.query<{ id: string; minute_ms: number }>(
        'select id, minute_ms from stats_late order by id limit ?',
        [MAX_LATE],
      )
      return {
        databaseNowMs: await readDatabaseClock(connection, database.dialect),
        countedUntilMs: counted === null ? null : Number(counted),
        late: late.map((row) => ({ id: row.id, minuteMs: row.minute_ms })),
      }
    },
    { fresh: true },
  )
}

/** See `StatsStore.finishStats`. */
export async function finishStats(
  database: Database,
  { countedUntilMs, lateIds }: { countedUntilMs: number; lateIds: readonly string[] },
): Promise<void> {
  await database.write(async (connection) => {
    const upsert = database.dialect.upsert('settings', ['name', 'value'], ['name'], ['value'])
    await connection.execute(upsert, [COUNTED_UNTIL, String(countedUntilMs)])
    await deleteByIds(connection, 'stats_late', lateIds)
  })
}

/** Marks the minutes of attempts that are written so long after they were made that the minutes may have been counted. */
export async function markLate(
  connection: Connection,
  dialect: Dialect,
  attemptIds: readonly string[],
  lateBeforeMs: number,
): Promise<void> {
  const times = attemptIds.map(timeOfId).filter((ms) => ms < lateBeforeMs)
  const minutes = [...new Set(times.map((ms) => ms - (ms % MINUTE_MS)))]
  const rows = minutes.map((minuteMs) => [uuidv7(), minuteMs])
  await insertRowsIfAbsent(connection, dialect, 'stats_late', ['id', 'minute_ms'], rows)
}

/** See `StatsStore.purgeStats`. */
export function purgeStats(
  database: Database,
  { ages, limit }: { ages: readonly { widthMs: number; beforeMs: number }[]; limit: number },
): Promise<number> {
  return database.write(async (connection) => {
    let count = 0
    for (const { widthMs, beforeMs } of ages) {
      const condition = 'width_ms = ? and at_ms < ?'
      count += (await deleteBuckets(connection, condition, [widthMs, beforeMs], limit - count)).rows
      if (count >= limit) break
    }
    return count
  })
}

/** Those of a deleted project. */
export function purgeProjectStats(connection: Connection, projectId: string, limit: number): Promise<Deletion> {
  return deleteBuckets(connection, 'project_id = ?', [projectId], limit)
}

/** Chosen by a read and deleted by primary key, as everything that is purged. */
async function deleteBuckets(
  connection: Connection,
  condition: string,
  values: readonly (string | number)[],
  limit: number,
): Promise<Deletion> {
  const rows = await connection.query<Pick<BucketRow, 'project_id' | 'width_ms' | 'at_ms'>>(
    `select ${KEY.join(', ')} from stats_buckets where ${condition} limit ?`,
    [...values, limit],
  )
  let count = 0
  for (const row of rows) {
    count += await connection.execute('delete from stats_buckets where project_id = ? and width_ms = ? and at_ms = ?', [
      row.project_id,
      row.width_ms,
      row.at_ms,
    ])
  }
  return { rows: count, isDone: rows.length < limit }
}
