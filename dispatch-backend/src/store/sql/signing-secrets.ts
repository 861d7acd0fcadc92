import type { NewSigningSecret, SigningSecret } from '../store.js'
import type { Connection, Database, Dialect } from './database.js'

/** See `ProjectStore.listSigningSecrets`. */
export function listSigningSecrets(
  database: Database,
  { projectId, nowMs }: { projectId: string; nowMs: number },
): Promise<SigningSecret[]> {
  return database.read(async (connection) => {
    const rows = await connection.query<{ id: string; sealed: string; created_at: number; expires_at: number | null }>(
      'select id, sealed, created_at, expires_at from signing_secrets ' +
        'where project_id = ? and (expires_at is null or expires_at > ?) order by created_at desc, id desc',
      [projectId, nowMs],
    )
    return rows.map((row) => ({
      id: row.id,
      sealed: row.sealed,
      createdAtMs: row.created_at,
      expiresAtMs: row.expires_at,
    }))
  })
}

export interface SecretRotation {
  readonly projectId: string
  readonly secret: NewSigningSecret
  readonly previousExpireAtMs: number
}

/**
 * See `ProjectStore.rotateSigningSecret`. The project's row is locked: of two rotations at once the second must see the
 * first one's secret, or it would never expire.
 */
export async function rotateSigningSecret(database: Database, rotation: SecretRotation): Promise<void> {
  const { dialect } = database
  const { projectId, secret, previousExpireAtMs } = rotation
  await database.write(async (connection) => {
    await connection.query(`select id from projects where id = ?${dialect.forUpdate}`, [projectId])
    const [stored] = await connection.query('select id from signing_secrets where id = ?', [secret.id])
    // An earlier try of this call; by now another rotation may have followed it.
    if (stored) return
    await connection.execute(
      'update signing_secrets set expires_at = ? where project_id = ? and (expires_at is null or expires_at > ?)',
      [previousExpireAtMs, projectId, previousExpireAtMs],
    )
    await insertSigningSecret(connection, dialect, projectId, secret)
  })
}

export async function insertSigningSecret(
  connection: Connection,
  dialect: Dialect,
  projectId: string,
  secret: NewSigningSecret,
): Promise<void> {
  await connection.execute(dialect.insertIfAbsent('signing_secrets', ['id', 'project_id', 'sealed', 'created_at'], 1), [
    secret.id,
    projectId,
    secret.sealed,
    secret.createdAtMs,
  ])
}
