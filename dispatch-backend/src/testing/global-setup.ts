/**
 * Once per test run: decides which databases take part and starts their servers when a test first asks for one, so a run
 * that needs no server starts none. Test processes ask over HTTP on loopback (`databases.ts`).
 */
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestProject } from 'vitest/node'
import type { ServerConfig } from '../store/database-config.js'
import { installPackages } from './install-server.js'
import { findMariadb, startMariadb } from './mariadb-server.js'
import { findPostgres, startPostgres } from './postgres-server.js'
import { Sandbox } from './server-process.js'
import { serverFromUrl } from './server-url.js'

export type DatabaseName = 'SQLite' | 'MariaDB' | 'PostgreSQL'
export type ServerName = Exclude<DatabaseName, 'SQLite'>

declare module 'vitest' {
  interface ProvidedContext {
    /** The databases that take part in this run. */
    databases: readonly DatabaseName[]
    /** `GET <url>/<name>` starts that server and answers its `ServerConfig`. */
    serversUrl: string
  }
}

type Start = (sandbox: () => Sandbox) => Promise<ServerConfig>

interface TestServer {
  readonly name: ServerName
  readonly urlSetting: string
  readonly debianPackage: string
  /** How to start the installed server; undefined when it is not installed. */
  find(): Start | undefined
}

const SERVERS: readonly TestServer[] = [
  {
    name: 'MariaDB',
    urlSetting: 'TEST_MARIADB_URL',
    debianPackage: 'mariadb-server',
    find() {
      const programs = findMariadb()
      return programs === undefined ? undefined : (sandbox) => startMariadb(programs, sandbox())
    },
  },
  {
    name: 'PostgreSQL',
    urlSetting: 'TEST_POSTGRES_URL',
    debianPackage: 'postgresql',
    find() {
      const programs = findPostgres()
      return programs === undefined ? undefined : (sandbox) => startPostgres(programs, sandbox())
    },
  },
]

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const wanted = SERVERS.filter((server) => isWanted(server.name))
  const startable = findServers(wanted)
  let sandbox: Sandbox | undefined
  const broker = await serve(startable, () => (sandbox ??= new Sandbox()))
  project.provide('databases', [...(isWanted('SQLite') ? (['SQLite'] as const) : []), ...startable.keys()])
  project.provide('serversUrl', `http://127.0.0.1:${(broker.address() as AddressInfo).port}`)
  return async () => {
    broker.close()
    await sandbox?.close()
    reportMissing(wanted.map((server) => server.name).filter((name) => !startable.has(name)))
  }
}

/** `TEST_DATABASES=sqlite,postgres` narrows a run: by the beginning of the name, in any case. */
function isWanted(name: DatabaseName): boolean {
  const asked = process.env['TEST_DATABASES']?.split(',').filter((word) => word !== '')
  return !asked || asked.some((word) => name.toLowerCase().startsWith(word.trim().toLowerCase()))
}

function findServers(wanted: readonly TestServer[]): Map<ServerName, Start> {
  const find = (server: TestServer): Start | undefined => {
    const url = process.env[server.urlSetting]
    return url ? () => Promise.resolve(serverFromUrl(url)) : server.find()
  }
  const missing = wanted.filter((server) => !find(server))
  if (missing.length > 0) installPackages(missing.map((server) => server.debianPackage))
  const found = new Map<ServerName, Start>()
  for (const server of wanted) {
    const start = find(server)
    if (start) found.set(server.name, start)
  }
  return found
}

async function serve(servers: ReadonlyMap<string, Start>, sandbox: () => Sandbox): Promise<Server> {
  const started = new Map<string, Promise<ServerConfig>>()
  const broker = createServer((request, response) => {
    const name = request.url?.slice(1) ?? ''
    const running = started.get(name) ?? servers.get(name)?.(sandbox) ?? Promise.reject(new Error(`no server ${name}`))
    started.set(name, running)
    running.then(
      (config) => response.end(JSON.stringify(config)),
      (error: unknown) => response.writeHead(500).end(String(error)),
    )
  })
  broker.listen(0, '127.0.0.1').unref()
  await once(broker, 'listening')
  return broker
}

function reportMissing(names: readonly string[]): void {
  for (const name of names) console.error(`NOT RUN on ${name}: no server found (install it, or give its URL)`)
  if (names.length > 0 && process.env['CI'] === 'true') process.exitCode = 1
}
