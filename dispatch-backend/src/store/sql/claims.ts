/**
 * Claiming and its undoing. The claim is one conditional write; what it got is then read by `claim_id`, in the same
 * transaction, so a replay of the call after an unknown COMMIT answers the same.
 */
import type { ClaimRequest, ClaimResult, ClaimedJob } from '../store.js'
import type { Connection, Database, Dialect, JsonColumn } from './database.js'
import { byId, oneColumn } from './rows.js'

const ID: JsonColumn = { name: 'id', type: 'text' }

/** See `EngineStore.claim`. */
export function claim(database: Database, request: ClaimRequest): Promise<ClaimResult> {
  const { dialect } = database
  const statement = claimStatement(dialect)
  const { claimId, replicaId, leaseMs, nowMs } = request
  const jobs = byId(request.jobs)
  const rows = JSON.stringify(jobs.map((job) => [job.id, job.dueAtMs, claimId, replicaId, leaseMs, nowMs]))
  const write = async (connection: Connection): Promise<ClaimResult> => {
    await connection.execute(statement, [rows])
    const claimed = await readClaimed(connection, dialect, oneColumn(jobs.map((job) => job.id)), claimId)
    return { jobs: claimed, sealedSecrets: await readSecrets(connection, dialect, claimed, nowMs) }
  }
  // A claim keeps the living from sending twice. After a power cut the job is sent again, with its claim or without.
  return database.write(write, { survivesPowerCut: false })
}

/** `due_at` is null unless the job may be claimed, so the expected due time is the whole condition on its state. */
function claimStatement(dialect: Dialect): string {
  return dialect.updateFromJson({
    table: 'jobs',
    columns: [
      ID,
      { name: 'expected_due_at', type: 'integer' },
      { name: 'new_claim_id', type: 'text' },
      { name: 'new_owner', type: 'text' },
      { name: 'lease_ms', type: 'integer' },
      { name: 'now_ms', type: 'integer' },
    ],
    set:
      "status = 'FIRING', due_at = null, claim_id = v.new_claim_id, owner = v.new_owner, claimed_at = v.now_ms, " +
      `lease_until = ${dialect.nowMs} + v.lease_ms, attempt = t.attempt + 1, updated_at = v.now_ms`,
    where:
      't.due_at = v.expected_due_at and ' +
      'exists (select 1 from projects as p where p.id = t.project_id and p.deleted_at is null)',
  })
}

interface ClaimedRow {
  readonly id: string
  readonly project_id: string
  readonly title: string
  readonly webhook_url: string
  readonly endpoint: string
  readonly payload: string
  readonly next_attempt_at: number
  readonly attempt: number
  readonly retry_count: number
}

async function readClaimed(
  connection: Connection,
  dialect: Dialect,
  ids: string,
  claimId: string,
): Promise<ClaimedJob[]> {
  const rows = await connection.query<ClaimedRow>(
    'select j.id, j.project_id, j.title, j.webhook_url, j.endpoint, j.payload, j.next_attempt_at, j.attempt, j.retry_count ' +
      `from ${dialect.rowsFromJson([ID])} as v join jobs as j on j.id = v.id ` +
      "where j.claim_id = ? and j.status = 'FIRING' order by j.next_attempt_at, j.id",
    [ids, claimId],
  )
  return rows.map((row) => ({
    id: row.id,
    projectId: row.project_id,
    title: row.title,
    webhookUrl: row.webhook_url,
    endpoint: row.endpoint,
    payload: row.payload,
    dueAtMs: row.next_attempt_at,
    attempt: row.attempt,
    retryCount: row.retry_count,
  }))
}

async function readSecrets(
  connection: Connection,
  dialect: Dialect,
  jobs: readonly ClaimedJob[],
  nowMs: number,
): Promise<Record<string, string[]>> {
  const sealed: Record<string, string[]> = {}
  for (const job of jobs) sealed[job.projectId] = []
  const projectIds = Object.keys(sealed)
  if (projectIds.length === 0) return sealed
  const rows = await connection.query<{ project_id: string; sealed: string }>(
    `select s.project_id, s.sealed from ${dialect.rowsFromJson([ID])} as v join signing_secrets as s on s.project_id = v.id ` +
      'where s.expires_at is null or s.expires_at > ? order by s.created_at desc, s.id desc',
    [oneColumn(projectIds), nowMs],
  )
  for (const row of rows) sealed[row.project_id]?.push(row.sealed)
  return sealed
}

/**
 * See `EngineStore.handBack`. While a job is `FIRING`, attempt = retries + interruptions + 1; the new values are told by
 * these two, because MySQL may use an already assigned `attempt` within the same statement.
 */
export function handBack(database: Database, claims: readonly { id: string; claimId: string }[]): Promise<number> {
  const statement = database.dialect.updateFromJson({
    table: 'jobs',
    columns: [ID, { name: 'held_claim_id', type: 'text' }],
    set:
      "status = case when t.retry_count + t.interruptions = 0 then 'SCHEDULED' else 'FAILED' end, " +
      'attempt = t.retry_count + t.interruptions, due_at = t.next_attempt_at, ' +
      'claim_id = null, owner = null, claimed_at = null, lease_until = null',
    where: "t.claim_id = v.held_claim_id and t.status = 'FIRING'",
  })
  const rows = JSON.stringify(byId(claims).map(({ id, claimId }) => [id, claimId]))
  return database.write((connection) => connection.execute(statement, [rows]))
}
