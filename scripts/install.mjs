// Decides whether the installed packages are those of the lock file, and installs them when they are not.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { run, say, Stop } from './run.mjs'

const HOW_TO_COMPILE = `The packages could not be installed; the lines above say why. Often starting again is enough: after a broken
network, or an installation that was killed.
If those lines speak of better-sqlite3, gyp or make: the embedded database is compiled where no ready-made binary can be
fetched, and that needs
    python3, make and g++   (Debian, Ubuntu: apt install python3 make g++)
Or use a database server instead: set DATABASE_URL (see docs/configuration.md), and start again.`

/**
 * Installs when needed.
 *
 * @param {string} root
 */
export async function ensureInstalled(root) {
  if (isInstalled(root)) return
  const wanted = installStamp(root)
  if (isInstalledByHand(root)) {
    writeFileSync(stampFile(root), wanted)
    return
  }
  say('Installing packages. This happens once, and takes a few minutes where better-sqlite3 has to be compiled.')
  const failed = (await npmCi(root, [])) !== 0
  if (failed && !usesDatabaseServer(root, process.env)) throw new Stop(HOW_TO_COMPILE)
  if (failed) {
    say('Trying again without compiling: the embedded database will not be available, DATABASE_URL is set.')
    if ((await npmCi(root, ['--ignore-scripts'])) !== 0)
      throw new Stop('The packages could not be installed; the lines above say why.')
  }
  writeFileSync(stampFile(root), failed ? withoutSqlite(wanted) : wanted)
}

/**
 * Whether the packages on disk are those of the lock file; an installation without SQLite is enough only while the settings
 * name a database server. Writes nothing.
 *
 * @param {string} root
 * @param {NodeJS.ProcessEnv} [env]
 * @returns {boolean}
 */
export function isInstalled(root, env = process.env) {
  const stamp = readStamp(root)
  const wanted = installStamp(root)
  return stamp === wanted || (stamp === withoutSqlite(wanted) && usesDatabaseServer(root, env))
}

function withoutSqlite(stamp) {
  return `without-sqlite ${stamp}`
}

function npmCi(root, extra) {
  const args = ['ci', '--include=dev', ...extra]
  // `npm start` tells which npm it is; that one is used again.
  const npm = process.env.npm_execpath?.endsWith('npm-cli.js') ? process.env.npm_execpath : undefined
  const stillRunning = (seconds) => say(`… still installing (${seconds} s)`)
  return npm
    ? run(process.execPath, [npm, ...args], { cwd: root, stillRunning })
    : run('npm', args, { cwd: root, stillRunning })
}

/**
 * What the packages on disk depend on: the lock file, and what compiled ones were compiled for.
 *
 * @param {string} root
 * @returns {string}
 */
export function installStamp(root) {
  const lock = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')))
  return `${lock.digest('hex')} node-abi-${process.versions.modules} ${process.platform}-${process.arch}\n`
}

function stampFile(root) {
  return join(root, 'node_modules', '.dispatch-installed')
}

function readStamp(root) {
  return existsSync(stampFile(root)) ? readFileSync(stampFile(root), 'utf8') : undefined
}

/** Somebody ran `npm install`: npm's own record has all packages of the lock file, and the compiled ones load. */
function isInstalledByHand(root) {
  const record = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(record)) return false
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  return hasPackages(lock, JSON.parse(readFileSync(record, 'utf8'))) && loadsCompiled(root)
}

/**
 * Whether npm's record of what is installed has each package that the lock file demands, in its version.
 *
 * @param {{ packages: Record<string, { version?: string, link?: boolean, optional?: boolean, devOptional?: boolean }> }} lock
 * @param {{ packages: Record<string, { version?: string }> }} record
 * @returns {boolean}
 */
export function hasPackages(lock, record) {
  return Object.entries(lock.packages).every(
    ([path, { version, link, optional, devOptional }]) =>
      !path.startsWith('node_modules/') ||
      link ||
      optional ||
      devOptional ||
      record.packages[path]?.version === version,
  )
}

function loadsCompiled(root) {
  const require = createRequire(join(root, 'dispatch-backend', 'package.json'))
  try {
    const Database = require('better-sqlite3')
    new Database(':memory:').close()
    require('@node-rs/argon2')
    return true
  } catch {
    return false
  }
}

/**
 * Whether the configuration names a database server, judged before the configuration can be loaded.
 *
 * @param {string} root
 * @param {NodeJS.ProcessEnv} env
 * @returns {boolean}
 */
export function usesDatabaseServer(root, env) {
  const files = [join(root, '.env'), join(root, 'dispatch-backend', '.env')].filter((file) => existsSync(file))
  const lines = files.map((file) => readFileSync(file, 'utf8')).join('\n')
  const texts = [`DATABASE_URL=${env.DATABASE_URL ?? ''}`, `DATABASE_HOSTNAME=${env.DATABASE_HOSTNAME ?? ''}`, lines]
  const names =
    /^[ \t]*(?:export[ \t]+)?(?:DATABASE_URL[ \t]*=[ \t]*["']?(?:mysql|mariadb|postgres)|DATABASE_HOSTNAME[ \t]*=[ \t]*\S)/im
  return names.test(texts.join('\n'))
}
