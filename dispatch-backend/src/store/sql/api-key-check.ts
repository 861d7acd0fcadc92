import type { Connection, Dialect } from './database.js'
import { oneColumn } from './rows.js'

export interface LiveApiKey {
  readonly id: string
  readonly projectId: string
  readonly organizationId: string
}

/**
 * Those of the keys that are not revoked and whose project is not deleted, by id. Asked within the transaction that acts
 * on them, whatever a replica has cached.
 */
export async function readLiveApiKeys(
  connection: Connection,
  dialect: Dialect,
  ids: Iterable<string>,
): Promise<Map<string, LiveApiKey>> {
  const distinct = [...new Set(ids)]
  if (distinct.length === 0) return new Map()
  const rows = await connection.query<{ id: string; project_id: string; organization_id: string }>(
    `select k.id, k.project_id, p.organization_id from ${dialect.rowsFromJson([{ name: 'id', type: 'text' }])} as v ` +
      'join api_keys as k on k.id = v.id join projects as p on p.id = k.project_id ' +
      'where k.revoked_at is null and p.deleted_at is null',
    [oneColumn(distinct)],
  )
  return new Map(
    rows.map((row) => [row.id, { id: row.id, projectId: row.project_id, organizationId: row.organization_id }]),
  )
}
