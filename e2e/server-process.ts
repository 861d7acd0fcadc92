/** The real server as a child process, on a free port and with a data folder of its own. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DatabaseConfig } from '../dispatch-backend/src/store/database-config.js'

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const MAIN = join(ROOT, 'dispatch-backend', 'dist', 'main.js')

export interface ServerProcess {
  /** `http://localhost:41234`; empty when it did not get that far. */
  readonly url: string
  readonly folder: string
  readonly pid: number | undefined
  /** Everything it printed so far. */
  output(): string
  /** Resolves when it has printed what `pattern` matches; rejects when it ends before. */
  printed(pattern: RegExp): Promise<RegExpExecArray>
  signal(name: 'SIGTERM' | 'SIGINT' | 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void
  /** Its exit code, once it has ended. */
  ended(): Promise<number | null>
}

/** A throw-away folder for the data of servers; remove it with `rm`. */
export function makeFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'dispatch-e2e-'))
}

export function removeFolder(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true })
}

/** How `DATABASE_URL` names it. */
export function databaseUrl(config: DatabaseConfig): string {
  if (config.kind === 'sqlite') return `sqlite://${config.file}`
  const { kind, host, port, user, password, database } = config
  return `${kind}://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${host}:${port}/${database}`
}

/** As a supervisor may start it; it never installs or builds. */
export const NPM_START = ['npm', 'start', '--prefix', join(ROOT, 'dispatch-backend')] as const

/** Starts a server and waits until it listens, or has ended. */
export async function startServerProcess(
  folder: string,
  settings: Record<string, string> = {},
  [program, ...args]: readonly [string, ...string[]] = [process.execPath, MAIN],
): Promise<ServerProcess> {
  const { PATH = '' } = process.env
  const env = { PATH, PORT: '0', DATABASE_URL: `sqlite://${join(folder, 'dispatch.db')}`, ...settings }
  // Started from elsewhere: nothing may depend on the working directory.
  const child = spawn(program, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'close').then(([code]) => code as number | null)
  const { output, printed } = watchOutput(child)
  const listening = printed(/listens on (\S+)/).catch(() => undefined)
  const url = (await listening)?.[1] ?? ''
  return {
    url,
    folder,
    pid: child.pid,
    output,
    printed,
    signal: (name) => void child.kill(name),
    ended: () => ended,
  }
}

function watchOutput(child: ChildProcess): Pick<ServerProcess, 'output' | 'printed'> {
  let text = ''
  const watchers = new Set<() => void>()
  const notify = (): void => watchers.forEach((watcher) => watcher())
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      notify()
    })
  }
  child.once('close', notify)
  const printed = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const watcher = (): void => {
        const found = pattern.exec(text)
        const isOver = child.exitCode !== null || child.signalCode !== null
        if (!found && !isOver) return
        watchers.delete(watcher)
        if (found) resolve(found)
        else reject(new Error(`it ended without printing ${pattern.source}; it printed:\n${text}`))
      }
      watchers.add(watcher)
      watcher()
    })
  return { output: () => text, printed }
}
