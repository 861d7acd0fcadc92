/**
 * Recording what became of attempts. The attempt's row is the proof that its record was written: it is inserted in the
 * transaction that ends the claim, so a replay after an unknown COMMIT finds it even if the job has been claimed again.
 */
import type { AttemptRecord, AttemptStatus, RecordResult } from '../store.js'
import type { Connection, Database, Dialect, JsonColumn, SqlValue } from './database.js'
import { afterInterruption } from './interruption.js'
import { insertRowsIfAbsent, oneColumn } from './rows.js'
import { markLate } from './stats-buckets.js'

/** See `EngineStore.recordAttempts`. Attempts made before `lateBeforeMs` may have been missed by statistics: they are marked. */
export function recordAttempts(
  database: Database,
  records: readonly AttemptRecord[],
  lateBeforeMs: number,
): Promise<RecordResult[]> {
  const { dialect } = database
  const sorted = records.toSorted((a, b) => (a.jobId < b.jobId ? -1 : a.jobId > b.jobId ? 1 : 0))
  return database.write(async (connection) => {
    const held = await lockHeld(connection, dialect, sorted)
    const endings = sorted.flatMap((record) => {
      const job = held.get(claimKey(record.jobId, record.claimId))
      return job ? [endingOf(record, job.interruptions)] : []
    })
    await writeEndings(connection, dialect, endings)
    const written = new Set(endings.map((ending) => ending.attempt.id))
    await markLate(connection, dialect, [...written], lateBeforeMs)
    const missing = records.filter((record) => !written.has(record.attemptId)).map((record) => record.attemptId)
    for (const id of await findAttempts(connection, dialect, missing)) written.add(id)
    return records.map((record) => (written.has(record.attemptId) ? 'recorded' : 'fenced'))
  })
}

/** How a claim ends: the row of its attempt and the job's next state. Written for a record and for a release alike. */
export interface Ending {
  readonly claimId: string
  readonly attempt: AttemptRow
  readonly status: 'SUCCESS' | 'FAILED' | 'DEAD'
  /** null when the status is terminal. */
  readonly dueAtMs: number | null
  /** How much to add to `retry_count` and `interruptions`. */
  readonly retries: 0 | 1
  readonly interruptions: 0 | 1
  readonly nowMs: number
}

export interface AttemptRow {
  readonly id: string
  readonly jobId: string
  readonly attempt: number
  readonly status: AttemptStatus
  readonly scheduledForMs: number
  readonly firedAtMs: number
  readonly responseCode: number | null
  readonly responseBody: string | null
  readonly responseTruncated: boolean
  readonly latenessMs: number | null
  readonly durationMs: number | null
  readonly error: string | null
}

function endingOf(record: AttemptRecord, interruptions: number): Ending {
  const { next, nowMs, claimId } = record
  const base = { claimId, nowMs, attempt: { id: record.attemptId, ...record } }
  switch (next.status) {
    case 'SUCCESS':
    case 'DEAD':
      return { status: next.status, dueAtMs: null, retries: 0, interruptions: 0, ...base }
    case 'FAILED':
      return { status: 'FAILED', dueAtMs: next.retryAtMs, retries: 1, interruptions: 0, ...base }
    case 'interrupted': {
      const after = afterInterruption(interruptions, next.maxInterruptions, nowMs)
      const error = after.status === 'DEAD' ? after.error : (record.error ?? after.error)
      return { claimId, nowMs, retries: 0, interruptions: 1, attempt: Object.assign(base.attempt, { error }), ...after }
    }
  }
}

/** Inserts the attempts and moves the jobs, whose rows the caller has locked and found under these claims. */
export async function writeEndings(
  connection: Connection,
  dialect: Dialect,
  endings: readonly Ending[],
): Promise<void> {
  if (endings.length === 0) return
  await insertRowsIfAbsent(connection, dialect, 'attempts', ATTEMPT_COLUMNS, endings.map(attemptValues))
  await connection.execute(endStatement(dialect), [JSON.stringify(endings.map(endValues))])
}

const ATTEMPT_COLUMNS = [
  'id',
  'job_id',
  'attempt',
  'status',
  'scheduled_for',
  'fired_at',
  'response_code',
  'response_truncated',
  'lateness_ms',
  'duration_ms',
  'error',
  'response_body',
]

function attemptValues({ attempt: row }: Ending): SqlValue[] {
  return [
    row.id,
    row.jobId,
    row.attempt,
    row.status,
    row.scheduledForMs,
    row.firedAtMs,
    row.responseCode,
    row.responseTruncated ? 1 : 0,
    wholeMs(row.latenessMs),
    wholeMs(row.durationMs),
    row.error,
    row.responseBody,
  ]
}

/** Measured with the monotonic clock, which counts in fractions; the columns hold whole milliseconds. */
function wholeMs(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms)
}

function endStatement(dialect: Dialect): string {
  return dialect.updateFromJson({
    table: 'jobs',
    columns: [
      { name: 'id', type: 'text' },
      { name: 'held_claim_id', type: 'text' },
      { name: 'new_status', type: 'text' },
      { name: 'new_due_at', type: 'integer' },
      { name: 'retries', type: 'integer' },
      { name: 'more_interruptions', type: 'integer' },
      { name: 'now_ms', type: 'integer' },
    ],
    set:
      'status = v.new_status, due_at = v.new_due_at, next_attempt_at = v.new_due_at, ' +
      'retry_count = t.retry_count + v.retries, interruptions = t.interruptions + v.more_interruptions, ' +
      'claim_id = null, owner = null, claimed_at = null, lease_until = null, updated_at = v.now_ms',
    where: "t.claim_id = v.held_claim_id and t.status = 'FIRING'",
  })
}

function endValues(ending: Ending): SqlValue[] {
  const { attempt, claimId, status, dueAtMs, retries, interruptions, nowMs } = ending
  return [attempt.jobId, claimId, status, dueAtMs, retries, interruptions, nowMs]
}

const CLAIM_COLUMNS: readonly JsonColumn[] = [
  { name: 'id', type: 'text' },
  { name: 'claim_id', type: 'text' },
]

/** Locks the jobs whose claims still hold; all others have been released, recorded or claimed anew. */
async function lockHeld(
  connection: Connection,
  dialect: Dialect,
  records: readonly AttemptRecord[],
): Promise<Map<string, { interruptions: number }>> {
  const rows = await connection.query<{ id: string; claim_id: string; interruptions: number }>(
    `select j.id, j.claim_id, j.interruptions from ${dialect.rowsFromJson(CLAIM_COLUMNS)} as v ` +
      "join jobs as j on j.id = v.id where j.claim_id = v.claim_id and j.status = 'FIRING' " +
      `order by j.id${dialect.forUpdate}`,
    [JSON.stringify(records.map((record) => [record.jobId, record.claimId]))],
  )
  return new Map(rows.map((row) => [claimKey(row.id, row.claim_id), row]))
}

function claimKey(jobId: string, claimId: string): string {
  return `${jobId} ${claimId}`
}

async function findAttempts(connection: Connection, dialect: Dialect, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return []
  const rows = await connection.query<{ id: string }>(
    `select a.id from ${dialect.rowsFromJson([{ name: 'id', type: 'text' }])} as v join attempts as a on a.id = v.id`,
    [oneColumn(ids)],
  )
  return rows.map((row) => row.id)
}
