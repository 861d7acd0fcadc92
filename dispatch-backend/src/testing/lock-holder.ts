import { fork, type ChildProcess } from 'node:child_process'

/** Another process that takes the engine's lock of a SQLite file: it says so by a message and holds it, or ends with its words. */
export function startLockHolder(file: string): ChildProcess {
  return fork(new URL('hold-engine-lock.ts', import.meta.url), [file], {
    execArgv: ['--expose-gc', '--import', 'tsx'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
}
