import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { RedisTimeouts } from '../redis.js'
import { installPackages } from './install-server.js'
import { freePort, Sandbox } from './server-process.js'

/** A machine that stalls for a quarter of a second would take its Redis for away. */
export const PATIENT: RedisTimeouts = { connectMs: 60_000, commandMs: 60_000 }

/** A Redis of this test alone, which it may stop and start again. */
export interface TestRedis {
  readonly port: number
  readonly url: string
  /** Starts it (again), empty; resolves when it takes connections. */
  start(): Promise<void>
  /** Kills it. Safe when it does not run. */
  stop(): Promise<void>
}

/** Undefined when there is none and none may be installed. */
export async function findRedis(): Promise<TestRedis | undefined> {
  const program = findProgram() ?? (installPackages(['redis-server']) ? findProgram() : undefined)
  if (program === undefined) return undefined
  const port = await freePort()
  let sandbox: Sandbox | undefined
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    async start() {
      sandbox = new Sandbox()
      const settings = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', sandbox.folder]
      // It logs to its standard output, a sandbox listens on the other.
      const command = ['-c', 'exec "$0" "$@" >&2', program, ...settings]
      await sandbox.start('sh', command, undefined, /Ready to accept connections/)
    },
    async stop() {
      await sandbox?.close()
      sandbox = undefined
    },
  }
}

function findProgram(): string | undefined {
  return ['/usr/bin', ...(process.env['PATH'] ?? '').split(':')]
    .map((folder) => join(folder, 'redis-server'))
    .find((file) => existsSync(file))
}
