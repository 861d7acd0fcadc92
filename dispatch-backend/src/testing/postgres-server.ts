import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ServerConfig } from '../store/database-config.js'
import { accountFor, freePort, type Sandbox } from './server-process.js'

const VERSIONS_FOLDER = '/usr/lib/postgresql'

/** The folder of the newest installed server's programs; Debian keeps them out of PATH. */
export function findPostgres(): string | undefined {
  const versions = existsSync(VERSIONS_FOLDER) ? readdirSync(VERSIONS_FOLDER) : []
  const folders = versions
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(VERSIONS_FOLDER, version, 'bin'))
    .concat((process.env['PATH'] ?? '').split(':'))
  return folders.find(
    (folder) => folder !== '' && ['initdb', 'postgres'].every((name) => existsSync(join(folder, name))),
  )
}

/** A power cut costs tests nothing, and commits that do not wait for the disk make them fast. */
const NOT_DURABLE = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }

/** Starts a server in `sandbox`, by default without durability; answers how to reach it. */
export async function startPostgres(
  programs: string,
  sandbox: Sandbox,
  { durable = false } = {},
): Promise<ServerConfig> {
  const account = accountFor(['postgres', 'nobody'])
  const data = sandbox.makeFolder('postgres', account)
  await sandbox.run(
    join(programs, 'initdb'),
    ['-D', data, '-U', 'dispatch', '--auth=trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'],
    account,
  )
  const settings = {
    // No sooner: it is free only until somebody else takes it.
    port: await freePort(),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 300,
    ...(durable ? {} : NOT_DURABLE),
  }
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  await sandbox.start(join(programs, 'postgres'), ['-D', data, ...flags], account, /ready to accept connections/)
  return {
    kind: 'postgres',
    host: '127.0.0.1',
    port: settings.port,
    user: 'dispatch',
    password: 'unused',
    database: 'postgres',
    tls: 'off',
    poolSize: 10,
  }
}
