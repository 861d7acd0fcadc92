import type { Connection, Database, Dialect } from './database.js'

/** See `Store.settingOrInsert`. */
export function settingOrInsert(database: Database, name: string, value: string): Promise<string> {
  return database.write(async (connection) => {
    const stored = await readSetting(connection, name)
    if (stored !== null) return stored
    await connection.execute(database.dialect.insertIfAbsent('settings', ['name', 'value'], 1), [name, value])
    return (await readSetting(connection, name))!
  })
}

/** As `readSetting`, and keeps others from changing or deleting it until the transaction ends. */
export async function lockSetting(
  connection: Connection,
  { forUpdate }: Dialect,
  name: string,
): Promise<string | null> {
  const [row] = await connection.query<{ value: string }>(`select value from settings where name = ?${forUpdate}`, [
    name,
  ])
  return row?.value ?? null
}

export async function readSetting(connection: Connection, name: string): Promise<string | null> {
  const [row] = await connection.query<{ value: string }>('select value from settings where name = ?', [name])
  return row?.value ?? null
}
