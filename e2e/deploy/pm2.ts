/** PM2 as an operator has it: from npm, at one version, with a home of its own. */
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Sandbox } from '../../dispatch-backend/src/testing/server-process.js'
import { ROOT } from '../../scripts/ensure.mjs'
import { withLock } from '../../scripts/lock.mjs'

const VERSION = '7.0.4'
const INSTALLED = join(ROOT, '.cache', `pm2-${VERSION}`)

const execute = promisify(execFile)

export interface Pm2Process {
  readonly id: number
  readonly pid: number
  readonly status: string
  readonly restarts: number
}

export interface Pm2 {
  /** Runs `pm2 ARGS…` in the root of the repository; rejects with its output when it fails. */
  run(...args: string[]): Promise<string>
  processes(): Promise<Pm2Process[]>
  /** What the processes printed. */
  logs(): Promise<string>
  /** Ends PM2 and all its processes. */
  close(): Promise<void>
}

/** Installs PM2 if need be, and starts its daemon. `env` is what the shell of the operator has. */
export async function startPm2(env: Readonly<Record<string, string>>): Promise<Pm2> {
  const program = await installPm2()
  const sandbox = new Sandbox()
  const home = join(sandbox.folder, 'pm2')
  const { PATH = '' } = process.env
  const options = { cwd: ROOT, env: { PATH, HOME: sandbox.folder, PM2_HOME: home, ...env } }
  const run = async (...args: string[]): Promise<string> => {
    const { stdout } = await execute(process.execPath, [program, ...args], { ...options, maxBuffer: 16 * 1024 * 1024 })
    return stdout
  }
  await run('ping')
  sandbox.adopt(Number(readFileSync(join(home, 'pm2.pid'), 'utf8')))
  return {
    run,
    async processes() {
      const list = JSON.parse(await run('jlist', '--silent')) as RawProcess[]
      return list.map(({ pm_id: id, pid, pm2_env: { status, restart_time: restarts } }) => ({
        ...{ id, pid, status, restarts },
      }))
    },
    logs: () => run('logs', '--nostream', '--lines', '200'),
    async close() {
      await run('kill')
      await sandbox.close()
    },
  }
}

interface RawProcess {
  readonly pm_id: number
  readonly pid: number
  readonly pm2_env: { readonly status: string; readonly restart_time: number }
}

/** Once per checkout and version: it is no dependency of Dispatch, and its packages are nobody else's. */
async function installPm2(): Promise<string> {
  const program = join('node_modules', 'pm2', 'bin', 'pm2')
  await withLock(`${INSTALLED}.lock`, async () => {
    if (existsSync(join(INSTALLED, program))) return
    const unfinished = `${INSTALLED}.unfinished`
    await rm(unfinished, { recursive: true, force: true })
    await mkdir(unfinished, { recursive: true })
    console.log(`Installing PM2 ${VERSION} for the tests …`)
    await execute('npm', [
      'install',
      '--prefix',
      unfinished,
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      `pm2@${VERSION}`,
    ])
    await rename(unfinished, INSTALLED)
  })
  return join(INSTALLED, program)
}
