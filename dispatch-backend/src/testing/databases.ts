import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import pg from 'pg'
import { inject } from 'vitest'
import type { DatabaseConfig, ServerConfig } from '../store/database-config.js'
import type { DatabaseName, ServerName } from './global-setup.js'

export interface TestDatabase {
  readonly name: DatabaseName
  /** An empty database that nobody else uses; `drop` removes it, closing what is still connected. */
  readonly create: () => Promise<{ config: DatabaseConfig; drop: () => Promise<void> }>
}

/** The databases of this run, for `describe.each(databases)('… on $name', …)`. */
export const databases: readonly TestDatabase[] = inject('databases').map((name) => ({
  name,
  create: () => (name === 'SQLite' ? createFile() : createOnServer(name)),
}))

async function createFile(): ReturnType<TestDatabase['create']> {
  const folder = await mkdtemp(join(tmpdir(), 'dispatch-sqlite-'))
  return {
    config: { kind: 'sqlite', file: join(folder, 'dispatch.db') },
    drop: () => rm(folder, { recursive: true, force: true }),
  }
}

async function createOnServer(name: ServerName): ReturnType<TestDatabase['create']> {
  const server = await findServer(name)
  const database = `dispatch_${randomUUID().replaceAll('-', '')}`
  await administer(server, `create database ${database}`)
  const dropStatement = `drop database ${database}${server.kind === 'postgres' ? ' with (force)' : ''}`
  return { config: { ...server, database }, drop: () => administer(server, dropStatement) }
}

async function findServer(name: ServerName): Promise<ServerConfig> {
  const response = await fetch(`${inject('serversUrl')}/${name}`)
  if (!response.ok) throw new Error(await response.text())
  return (await response.json()) as ServerConfig
}

async function administer(server: ServerConfig, statement: string): Promise<void> {
  const { host, port, user, password, database } = server
  if (server.kind === 'mysql') {
    const connection = await createConnection({ host, port, user, password, database })
    await connection.query(statement)
    await connection.end()
    return
  }
  const client = new pg.Client({ host, port, user, password, database })
  await client.connect()
  await client.query(statement)
  await client.end()
}
