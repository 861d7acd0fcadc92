/**
 * Cancelling is one conditional write; the answer is then read. A job that is `CANCELLED` since the very instant of the
 * request was cancelled by it, so a replay after an unknown COMMIT answers the same.
 */
import type { CancelRequest, CancelResult, JobStatus } from '../store.js'
import { readLiveApiKeys, type LiveApiKey } from './api-key-check.js'
import type { Connection, Database, Dialect, JsonColumn, SqlValue } from './database.js'
import { byId } from './rows.js'

/** See `JobStore.cancelJobs`. */
export function cancelJobs(database: Database, requests: readonly CancelRequest[]): Promise<CancelResult[]> {
  return database.write(async (connection) => {
    const keys = await readLiveApiKeys(connection, database.dialect, apiKeyIds(requests))
    const results = new Map<CancelRequest, CancelResult>()
    for (const round of roundsOfDistinctJobs(requests.filter((request) => mayAsk(request, keys)))) {
      for (const [request, result] of await cancelRound(connection, database.dialect, round)) {
        results.set(request, result)
      }
    }
    return requests.map((request) => results.get(request) ?? 'key-invalid')
  })
}

function apiKeyIds(requests: readonly CancelRequest[]): string[] {
  return requests.flatMap(({ scope }) => (scope.kind === 'apiKey' ? [scope.apiKeyId] : []))
}

function mayAsk({ scope }: CancelRequest, keys: ReadonlyMap<string, LiveApiKey>): boolean {
  return scope.kind === 'user' || keys.get(scope.apiKeyId)?.projectId === scope.projectId
}

/** One statement cannot answer two requests for the same job (their scopes and instants may differ): the second comes later. */
function roundsOfDistinctJobs(requests: readonly CancelRequest[]): CancelRequest[][] {
  const rounds: CancelRequest[][] = []
  const seen = new Map<string, number>()
  for (const request of requests) {
    const round = seen.get(request.id) ?? 0
    seen.set(request.id, round + 1)
    ;(rounds[round] ??= []).push(request)
  }
  return rounds
}

const COLUMNS: readonly JsonColumn[] = [
  { name: 'id', type: 'text' },
  { name: 'only_project_id', type: 'text' },
  { name: 'only_user_id', type: 'text' },
  { name: 'retrying', type: 'integer' },
  { name: 'now_ms', type: 'integer' },
]

/** Whether the request reaches the row `t`; one of the two columns is null. */
const WITHIN_SCOPE =
  '(t.project_id = v.only_project_id or exists (select 1 from memberships as m ' +
  'where m.organization_id = t.organization_id and m.user_id = v.only_user_id)) ' +
  'and exists (select 1 from projects as p where p.id = t.project_id and p.deleted_at is null)'

async function cancelRound(
  connection: Connection,
  dialect: Dialect,
  requests: readonly CancelRequest[],
): Promise<Map<CancelRequest, CancelResult>> {
  const rows = JSON.stringify(byId(requests).map(requestValues))
  await connection.execute(cancelStatement(dialect), [rows])
  const found = await connection.query<{ id: string; status: JobStatus; updated_at: number }>(
    `select t.id, t.status, t.updated_at from ${dialect.rowsFromJson(COLUMNS)} as v join jobs as t on t.id = v.id ` +
      `where ${WITHIN_SCOPE}`,
    [rows],
  )
  const jobs = new Map(found.map((job) => [job.id, job]))
  return new Map(requests.map((request) => [request, resultOf(request, jobs.get(request.id))]))
}

function requestValues({ id, scope, retrying, nowMs }: CancelRequest): SqlValue[] {
  const projectId = scope.kind === 'apiKey' ? scope.projectId : null
  const userId = scope.kind === 'user' ? scope.userId : null
  return [id, projectId, userId, retrying ? 1 : 0, nowMs]
}

function cancelStatement(dialect: Dialect): string {
  return dialect.updateFromJson({
    table: 'jobs',
    columns: COLUMNS,
    set: "status = 'CANCELLED', due_at = null, next_attempt_at = null, updated_at = v.now_ms",
    where: `(t.status = 'SCHEDULED' or (t.status = 'FAILED' and v.retrying = 1)) and ${WITHIN_SCOPE}`,
  })
}

function resultOf({ nowMs }: CancelRequest, job: { status: JobStatus; updated_at: number } | undefined): CancelResult {
  if (!job) return 'not-found'
  return job.status === 'CANCELLED' && job.updated_at === nowMs ? 'cancelled' : 'not-cancellable'
}
