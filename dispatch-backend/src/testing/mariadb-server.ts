import { chmodSync, existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ServerConfig } from '../store/database-config.js'
import { accountFor, freePort, type Sandbox } from './server-process.js'

const PASSWORD = 'pass:w@rd/?'

export interface MariadbPrograms {
  readonly server: string
  readonly install: string
}

/** The installed server and its set-up program; Debian keeps the server out of a user's PATH. */
export function findMariadb(): MariadbPrograms | undefined {
  const folders = ['/usr/sbin', '/usr/bin', ...(process.env['PATH'] ?? '').split(':')]
  const find = (name: string): string | undefined =>
    folders.map((folder) => join(folder, name)).find((file) => existsSync(file))
  const server = find('mariadbd')
  const install = find('mariadb-install-db')
  return server && install ? { server, install } : undefined
}

/** A power cut costs tests nothing, and commits that do not wait for the disk make them fast. */
const NOT_DURABLE = ['--innodb-flush-log-at-trx-commit=0', '--innodb-doublewrite=0', '--sync-frm=0']

/** Starts a server in `sandbox`, by default without durability; answers how to reach it. */
export async function startMariadb(
  programs: MariadbPrograms,
  sandbox: Sandbox,
  { durable = false } = {},
): Promise<ServerConfig> {
  const account = accountFor(['mysql', 'nobody'])
  const folder = sandbox.makeFolder('mariadb', account)
  const data = join(folder, 'data')
  await sandbox.run(
    programs.install,
    [
      '--no-defaults',
      `--datadir=${data}`,
      // A server that starts removes the temporary tables it finds, and /tmp has those of others.
      `--tmpdir=${folder}`,
      '--skip-test-db',
      '--auth-root-authentication-method=normal',
      '--skip-log-bin',
    ],
    account,
  )
  // No sooner: it is free only until somebody else takes it.
  const port = await freePort()
  await sandbox.start(
    programs.server,
    [
      '--no-defaults',
      `--datadir=${data}`,
      `--tmpdir=${folder}`,
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      `--socket=${join(folder, 'socket')}`,
      `--pid-file=${join(folder, 'pid')}`,
      `--init-file=${writeInitFile(sandbox.folder)}`,
      '--max-connections=300',
      '--skip-log-bin',
      ...(durable ? [] : NOT_DURABLE),
      '--innodb-log-file-size=64M',
    ],
    account,
    /ready for connections/,
  )
  return {
    kind: 'mysql',
    host: '127.0.0.1',
    port,
    user: 'dispatch',
    password: PASSWORD,
    database: 'mysql',
    tls: 'off',
    poolSize: 10,
  }
}

function writeInitFile(folder: string): string {
  const file = join(folder, 'mariadb-init.sql')
  const user = `'dispatch'@'127.0.0.1'`
  writeFileSync(
    file,
    `create user ${user} identified by '${PASSWORD}';\ngrant all on *.* to ${user} with grant option;\n`,
  )
  chmodSync(file, 0o644)
  return file
}
