import type { AttemptStatus, ExportedJob, JobExportPage, JobExportQuery, JobPlace } from '../store.js'
import type { Connection, Database, Dialect } from './database.js'
import { searchOf } from './job-lists.js'
import { findMatching } from './job-search.js'
import { SUMMARY_COLUMNS, toJobSummary, type JobSummaryRow } from './jobs.js'
import { MAX_SOURCES, readProjects, sourcesOf } from './list-sources.js'
import { readFirst } from './merge-sources.js'
import { oneColumn } from './rows.js'

/** See `JobStore.exportJobs`. */
export function exportJobs(database: Database, query: JobExportQuery): Promise<JobExportPage | 'too-many-projects'> {
  const { dialect } = database
  const { after, limit, ascending = false } = query
  return database.read(async (connection) => {
    const sources = sourcesOf(query, await readProjects(connection, query.scope))
    if (sources.length > MAX_SOURCES) return 'too-many-projects'
    if (sources.length === 0) return { jobs: [], next: undefined }
    const behind = sources.map((source) => ({ ...source, ...(after && { after }) }))
    const places = await readFirst(connection, dialect, behind, { ascending, limit })
    const search = searchOf(query)
    const ids = places.map(({ id }) => id)
    const matching = search && (await findMatching(connection, dialect, ids, search))
    const rows = await readRows(connection, dialect, matching ? ids.filter((id) => matching.has(id)) : ids)
    const end = places.length < limit ? undefined : places.at(-1)
    if (!query.withPayload) return { jobs: rows.map((row) => toExportedJob(row, null)), next: end }
    const fitting = rows.slice(0, countFitting(rows, query.maxPayloadBytes))
    const payloads = await readPayloads(connection, dialect, fitting)
    return {
      // One deleted since its row was read is not there any more.
      jobs: fitting.flatMap((row) => {
        const payload = payloads.get(row.id)
        return payload === undefined ? [] : [toExportedJob(row, payload)]
      }),
      next: fitting.length < rows.length ? placeOf(fitting.at(-1)!) : end,
    }
  })
}

interface ExportRow extends JobSummaryRow {
  readonly payload_bytes: number
  readonly project_name: string
  readonly attempt_id: string | null
  readonly attempt_number: number
  readonly attempt_status: AttemptStatus
  readonly scheduled_for: number
  readonly fired_at: number
  readonly response_code: number | null
  readonly response_truncated: number
  readonly lateness_ms: number | null
  readonly duration_ms: number | null
  readonly error: string | null
}

const ATTEMPT_COLUMNS =
  'a.id as attempt_id, a.attempt as attempt_number, a.status as attempt_status, a.scheduled_for, a.fired_at, ' +
  'a.response_code, a.response_truncated, a.lateness_ms, a.duration_ms, a.error'

/** The attempt under way has no record yet. */
const LAST_ATTEMPT =
  "a.job_id = j.id and a.attempt = case when j.status = 'FIRING' then j.attempt - 1 else j.attempt end"

/** In the order of the ids. */
async function readRows(connection: Connection, dialect: Dialect, ids: readonly string[]): Promise<ExportRow[]> {
  if (ids.length === 0) return []
  const rows = await connection.query<ExportRow>(
    `select ${SUMMARY_COLUMNS}, j.payload_bytes, p.name as project_name, ${ATTEMPT_COLUMNS} ` +
      `from ${dialect.rowsFromJson([{ name: 'id', type: 'text' }])} as v join jobs as j on j.id = v.id ` +
      `join projects as p on p.id = j.project_id left join attempts as a on ${LAST_ATTEMPT}`,
    [oneColumn(ids)],
  )
  const byId = new Map(rows.map((row) => [row.id, row]))
  return ids.flatMap((id) => byId.get(id) ?? [])
}

/** How many of the rows, one at least, have payloads of so many bytes together. */
function countFitting(rows: readonly ExportRow[], maxBytes: number): number {
  let bytes = 0
  const first = rows.findIndex((row, index) => {
    bytes += row.payload_bytes
    return index > 0 && bytes > maxBytes
  })
  return first === -1 ? rows.length : first
}

async function readPayloads(
  connection: Connection,
  dialect: Dialect,
  rows: readonly ExportRow[],
): Promise<Map<string, string>> {
  if (rows.length === 0) return new Map()
  const ids = dialect.rowsFromJson([{ name: 'id', type: 'text' }])
  const found = await connection.query<{ id: string; payload: string }>(
    `select j.id, j.payload from ${ids} as v join jobs as j on j.id = v.id`,
    [oneColumn(rows.map(({ id }) => id))],
  )
  return new Map(found.map(({ id, payload }) => [id, payload]))
}

function placeOf({ id, fire_at }: ExportRow): JobPlace {
  return { id, fireAtMs: fire_at }
}

function toExportedJob(row: ExportRow, payload: string | null): ExportedJob {
  return {
    project: { id: row.project_id, name: row.project_name },
    lastAttempt: toLastAttempt(row),
    payload,
    ...toJobSummary(row),
  }
}

function toLastAttempt(row: ExportRow): ExportedJob['lastAttempt'] {
  if (row.attempt_id === null) return null
  return {
    id: row.attempt_id,
    attempt: row.attempt_number,
    status: row.attempt_status,
    scheduledForMs: row.scheduled_for,
    firedAtMs: row.fired_at,
    responseCode: row.response_code,
    responseTruncated: row.response_truncated === 1,
    latenessMs: row.lateness_ms,
    durationMs: row.duration_ms,
    error: row.error,
  }
}
