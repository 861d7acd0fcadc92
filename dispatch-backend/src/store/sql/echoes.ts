/** The projects' echoes and the requests they keep. */
import {
  type Echo,
  type EchoAnswer,
  type EchoRequest,
  type EchoRequestItem,
  type EchoToken,
  type NewEchoRequest,
  type SaveEcho,
  STANDARD_ANSWER,
} from '../echo-store.js'
import type { Connection, Database, Dialect } from './database.js'
import { deleteByIds } from './rows.js'

interface EchoRow {
  readonly id: string
  readonly token_hash: string
  readonly sealed_token: string
  readonly is_enabled: number
  readonly status: number
  readonly delay_ms: number
  readonly content_type: string
  readonly body: string
}

const COLUMNS = [
  'id',
  'token_hash',
  'sealed_token',
  'is_enabled',
  'status',
  'delay_ms',
  'content_type',
  'body',
  'updated_at',
]
const COLUMNS_READ = COLUMNS.slice(0, -1)
  .map((column) => `e.${column}`)
  .join(', ')

/** See `EchoStore.getEcho`. */
export function getEcho(database: Database, projectId: string): Promise<Echo | null> {
  return database.read((connection) => readEcho(connection, projectId), { fresh: true })
}

async function readEcho(connection: Connection, projectId: string, lock = ''): Promise<Echo | null> {
  const [row] = await connection.query<EchoRow>(`select ${COLUMNS_READ} from echoes as e where e.id = ?${lock}`, [
    projectId,
  ])
  return row ? toEcho(row) : null
}

/** See `EchoStore.saveEcho`. Of two that store the first one at once, both answer the token of one. */
export function saveEcho(database: Database, request: SaveEcho): Promise<Echo> {
  const { dialect } = database
  const { projectId, token, isEnabled, answer, nowMs } = request
  return database.write(async (connection) => {
    const first: Echo = { projectId, ...token, isEnabled: false, answer: STANDARD_ANSWER }
    await connection.execute(dialect.insertIfAbsent('echoes', COLUMNS, 1), valuesOf(first, nowMs))
    const stored = (await readEcho(connection, projectId, dialect.forUpdate))!
    const echo: Echo = { ...stored, isEnabled: isEnabled ?? stored.isEnabled, answer: merge(stored.answer, answer) }
    const [, , , ...values] = valuesOf(echo, nowMs)
    await connection.execute(
      'update echoes set is_enabled = ?, status = ?, delay_ms = ?, content_type = ?, body = ?, updated_at = ? where id = ?',
      [...values, projectId],
    )
    return echo
  })
}

function merge(stored: EchoAnswer, told: SaveEcho['answer']): EchoAnswer {
  return {
    status: told.status ?? stored.status,
    delayMs: told.delayMs ?? stored.delayMs,
    contentType: told.contentType ?? stored.contentType,
    body: told.body ?? stored.body,
  }
}

function valuesOf({ projectId, tokenHash, sealedToken, isEnabled, answer }: Echo, nowMs: number): (string | number)[] {
  const { status, delayMs, contentType, body } = answer
  return [projectId, tokenHash, sealedToken, isEnabled ? 1 : 0, status, delayMs, contentType, body, nowMs]
}

/** See `EchoStore.rotateEcho`. */
export function rotateEcho(
  database: Database,
  { projectId, token, nowMs }: { projectId: string; token: EchoToken; nowMs: number },
): Promise<Echo | null> {
  return database.write(async (connection) => {
    await connection.execute('update echoes set token_hash = ?, sealed_token = ?, updated_at = ? where id = ?', [
      token.tokenHash,
      token.sealedToken,
      nowMs,
      projectId,
    ])
    return readEcho(connection, projectId)
  })
}

/** See `EchoStore.findEcho`. */
export function findEcho(database: Database, tokenHash: string): Promise<Echo | null> {
  return database.read(
    async (connection) => {
      const [row] = await connection.query<EchoRow>(
        `select ${COLUMNS_READ} from echoes as e join projects as p on p.id = e.id ` +
          'where e.token_hash = ? and e.is_enabled = 1 and p.deleted_at is null',
        [tokenHash],
      )
      return row ? toEcho(row) : null
    },
    { fresh: true },
  )
}

function toEcho(row: EchoRow): Echo {
  return {
    projectId: row.id,
    tokenHash: row.token_hash,
    sealedToken: row.sealed_token,
    isEnabled: row.is_enabled === 1,
    answer: { status: row.status, delayMs: row.delay_ms, contentType: row.content_type, body: row.body },
  }
}

/**
 * See `EchoStore.addEchoRequest`. The echo's row is locked, so that two cannot both leave one too many, and none is added
 * behind a purge, which deletes that row first. What a power cut takes is no more than a test's requests.
 */
export function addEchoRequest(database: Database, request: NewEchoRequest): Promise<boolean> {
  const { dialect } = database
  const { id, projectId, tokenHash, receivedAtMs, summary, detail, keep } = request
  return database.write(
    async (connection) => {
      const [echo] = await connection.query(
        `select id from echoes where id = ? and token_hash = ? and is_enabled = 1${dialect.forUpdate}`,
        [projectId, tokenHash],
      )
      if (!echo) return false
      const columns = ['id', 'project_id', 'received_at', 'summary', 'detail']
      const values = [id, projectId, receivedAtMs, summary, detail]
      await connection.execute(dialect.insertIfAbsent('echo_requests', columns, 1), values)
      const beyond = await connection.query<{ id: string }>(
        'select id from echo_requests where project_id = ? order by id desc limit ? offset ?',
        [projectId, MAX_DELETED, keep],
      )
      await deleteByIds(
        connection,
        'echo_requests',
        beyond.map((row) => row.id),
      )
      return true
    },
    { survivesPowerCut: false },
  )
}

/** There is one too many each time; more only after `keep` was made smaller. */
const MAX_DELETED = 100

interface RequestRow {
  readonly id: string
  readonly received_at: number
  readonly summary: string
}

/** See `EchoStore.listEchoRequests`. */
export async function listEchoRequests(database: Database, projectId: string): Promise<EchoRequestItem[]> {
  const rows = await database.read(
    (connection) =>
      connection.query<RequestRow>(
        'select id, received_at, summary from echo_requests where project_id = ? order by id desc',
        [projectId],
      ),
    { fresh: true },
  )
  return rows.map(toItem)
}

function toItem({ id, received_at: receivedAtMs, summary }: RequestRow): EchoRequestItem {
  return { id, receivedAtMs, summary }
}

/** See `EchoStore.getEchoRequest`. */
export async function getEchoRequest(
  database: Database,
  { projectId, id }: { projectId: string; id: string },
): Promise<EchoRequest | null> {
  const [row] = await database.read(
    (connection) =>
      connection.query<RequestRow & { readonly detail: string }>(
        'select id, received_at, summary, detail from echo_requests where id = ? and project_id = ?',
        [id, projectId],
      ),
    { fresh: true },
  )
  return row ? { ...toItem(row), detail: row.detail } : null
}

/** See `EchoStore.clearEchoRequests`. */
export function clearEchoRequests(database: Database, projectId: string): Promise<number> {
  return database.write((connection) => deleteRequests(connection, projectId, MAX_CLEARED))
}

/** Well over what is kept. */
const MAX_CLEARED = 1_000

async function deleteRequests(connection: Connection, projectId: string, limit: number): Promise<number> {
  const rows = await connection.query<{ id: string }>('select id from echo_requests where project_id = ? limit ?', [
    projectId,
    limit,
  ])
  return deleteByIds(
    connection,
    'echo_requests',
    rows.map((row) => row.id),
  )
}

/** The echo itself first: none is added without it. */
export async function purgeEcho(
  connection: Connection,
  _dialect: Dialect,
  projectId: string,
  limit: number,
): Promise<{ rows: number; isDone: boolean }> {
  const echoes = await deleteByIds(connection, 'echoes', [projectId])
  if (echoes >= limit) return { rows: echoes, isDone: false }
  const rows = echoes + (await deleteRequests(connection, projectId, limit - echoes))
  return { rows, isDone: rows < limit }
}
