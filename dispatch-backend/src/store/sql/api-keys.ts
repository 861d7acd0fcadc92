import type { ApiKey, NewApiKey } from '../store.js'
import type { Database } from './database.js'
import { byId } from './rows.js'

/** See `ProjectStore.createApiKey`. */
export async function createApiKey(database: Database, key: NewApiKey): Promise<void> {
  const columns = ['id', 'project_id', 'label', 'key_hash', 'last_four', 'created_at']
  await database.write((connection) =>
    connection.execute(database.dialect.insertIfAbsent('api_keys', columns, 1), [
      key.id,
      key.projectId,
      key.label,
      key.keyHash,
      key.lastFour,
      key.createdAtMs,
    ]),
  )
}

interface ApiKeyRow {
  readonly id: string
  readonly label: string
  readonly last_four: string
  readonly created_at: number
  readonly last_used_at: number | null
}

/** See `ProjectStore.listApiKeys`: newest first, without revoked ones. */
export function listApiKeys(database: Database, projectId: string): Promise<ApiKey[]> {
  return database.read(async (connection) => {
    const rows = await connection.query<ApiKeyRow>(
      'select id, label, last_four, created_at, last_used_at from api_keys ' +
        'where project_id = ? and revoked_at is null order by id desc',
      [projectId],
    )
    return rows.map((row) => ({
      id: row.id,
      label: row.label,
      lastFour: row.last_four,
      createdAtMs: row.created_at,
      lastUsedAtMs: row.last_used_at,
    }))
  })
}

/** See `ProjectStore.revokeApiKey`. A replay with the same instant answers the same. */
export async function revokeApiKey(
  database: Database,
  { projectId, id, nowMs }: { projectId: string; id: string; nowMs: number },
): Promise<boolean> {
  const revoked = await database.write((connection) =>
    connection.execute(
      'update api_keys set revoked_at = ? where id = ? and project_id = ? and (revoked_at is null or revoked_at = ?)',
      [nowMs, id, projectId, nowMs],
    ),
  )
  return revoked > 0
}

/** See `ProjectStore.findApiKey`. */
export function findApiKey(
  database: Database,
  keyHash: string,
): Promise<{ id: string; projectId: string; organizationId: string } | null> {
  return database.read(
    async (connection) => {
      const [row] = await connection.query<{ id: string; project_id: string; organization_id: string }>(
        'select k.id, k.project_id, p.organization_id from api_keys as k join projects as p on p.id = k.project_id ' +
          'where k.key_hash = ? and k.revoked_at is null and p.deleted_at is null',
        [keyHash],
      )
      return row ? { id: row.id, projectId: row.project_id, organizationId: row.organization_id } : null
    },
    { fresh: true },
  )
}

/** See `ProjectStore.touchApiKeys`. Replicas write in any order; the latest use stays. */
export async function touchApiKeys(
  database: Database,
  uses: readonly { id: string; usedAtMs: number }[],
): Promise<void> {
  const statement = database.dialect.updateFromJson({
    table: 'api_keys',
    columns: [
      { name: 'id', type: 'text' },
      { name: 'used_at', type: 'integer' },
    ],
    set: 'last_used_at = v.used_at',
    where: 't.last_used_at is null or t.last_used_at < v.used_at',
  })
  const rows = JSON.stringify(byId(uses).map((use) => [use.id, use.usedAtMs]))
  await database.write((connection) => connection.execute(statement, [rows]))
}
