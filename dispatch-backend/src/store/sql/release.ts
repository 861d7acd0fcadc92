import { v7 as uuidv7 } from 'uuid'
import type { ReleaseRequest, ReleasedJob } from '../store.js'
import { writeEndings, type Ending } from './attempts.js'
import type { Connection, Database, Dialect, SqlValue } from './database.js'
import { toDueJob, type DueRow } from './due.js'
import { readDatabaseClock } from './database-clock.js'
import { afterInterruption } from './interruption.js'

/** `singleEngine`: nobody else can be running, so another owner is a dead one, whatever its lease. */
export interface Release extends ReleaseRequest {
  readonly singleEngine: boolean
}

/**
 * See `EngineStore.releaseExpired`. The rows are locked as they are chosen: of two sweeps, or of a sweep and a slow owner's
 * record, the second finds them changed.
 */
export function releaseExpired(database: Database, request: Release): Promise<ReleasedJob[]> {
  return database.write(async (connection) => {
    const rows = await lockAbandoned(connection, database.dialect, request)
    const endings = rows.map((row) => endingOf(row, request))
    await writeEndings(connection, database.dialect, endings)
    return rows.map((row, index) => ({
      ...toDueJob({ ...row, due_at: request.nowMs }),
      attempt: row.attempt,
      dead: endings[index]!.status === 'DEAD',
    }))
  })
}

interface AbandonedRow extends DueRow {
  readonly claim_id: string
  readonly attempt: number
  readonly interruptions: number
  readonly next_attempt_at: number
  readonly claimed_at: number
}

async function lockAbandoned(connection: Connection, dialect: Dialect, request: Release): Promise<AbandonedRow[]> {
  const databaseNowMs = await readDatabaseClock(connection, dialect)
  const { condition, values } = request.singleEngine
    ? ownedByAnother(request, databaseNowMs)
    : leaseIsOver(request, databaseNowMs)
  return connection.query<AbandonedRow>(
    'select id, project_id, endpoint, payload_bytes, claim_id, attempt, interruptions, next_attempt_at, claimed_at ' +
      `from jobs where ${condition} order by lease_until limit ?${dialect.forUpdate}`,
    [...values, request.limit],
  )
}

interface Condition {
  readonly condition: string
  readonly values: readonly SqlValue[]
}

function ownedByAnother({ replicaId, includeOwn }: Release, databaseNowMs: number): Condition {
  const other = { condition: 'lease_until is not null and owner <> ?', values: [replicaId] }
  if (!includeOwn) return other
  return {
    condition: 'lease_until is not null and (owner <> ? or lease_until <= ?)',
    values: [replicaId, databaseNowMs],
  }
}

function leaseIsOver({ replicaId, includeOwn, staleAfterMs }: Release, databaseNowMs: number): Condition {
  const isStale = 'owner not in (select id from replicas where heartbeat_at > ?)'
  return {
    condition: `lease_until <= ? and (${includeOwn ? `owner = ? or ${isStale}` : `owner <> ? and ${isStale}`})`,
    values: [databaseNowMs, replicaId, databaseNowMs - staleAfterMs],
  }
}

function endingOf(row: AbandonedRow, { maxInterruptions, nowMs }: Release): Ending {
  const { error, ...next } = afterInterruption(row.interruptions, maxInterruptions, nowMs)
  const attempt = {
    // The same attempt is never inserted twice, whatever the id: (job_id, attempt) is unique.
    id: uuidv7({ msecs: nowMs }),
    jobId: row.id,
    attempt: row.attempt,
    status: 'INTERRUPTED',
    scheduledForMs: row.next_attempt_at,
    firedAtMs: row.claimed_at,
    responseCode: null,
    responseBody: null,
    responseTruncated: false,
    latenessMs: null,
    durationMs: null,
    error,
  } as const
  return { ...next, claimId: row.claim_id, attempt, retries: 0, interruptions: 1, nowMs }
}
