import type { Database } from '../store/sql/database.js'
import { oneColumn } from '../store/sql/rows.js'

const COLUMNS = [
  ...['organization_id', 'project_id', 'title', 'webhook_url', 'endpoint', 'status', 'bucket', 'payload_bytes'],
  ...['fire_at', 'next_attempt_at', 'due_at', 'created_at', 'updated_at', 'payload'],
]
const SIDE = 100

/** Copies a waiting job in the database itself, because thousands through the API would take minutes. Copies are numbered. */
export async function copyJob(database: Database, id: string, numbers: { from: number; count: number }): Promise<void> {
  const number = database.dialect.rowsFromJson([{ name: 'n', type: 'integer' }])
  const rows = Math.ceil(numbers.count / SIDE)
  const listOf = (length: number): string => oneColumn(Array.from({ length }, (_, index) => index))
  await database.write((connection) =>
    connection.execute(
      `insert into jobs (id, ${COLUMNS.join(', ')})
        select concat(substr(j.id, 1, 24), 100000000000 + ${numbers.from} + c.n), ${COLUMNS.map((name) => `j.${name}`).join(', ')}
        from jobs as j cross join
          (select a.n * ${SIDE} + b.n as n from ${number} as a cross join ${number} as b) as c
        where j.id = ? and c.n < ${numbers.count}`,
      [listOf(rows), listOf(SIDE), id],
    ),
  )
}
