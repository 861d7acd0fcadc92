import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, mkdirSync, mkdtempSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** Database servers refuse to run as root; as root they are started as one of these users. */
export type Account = { readonly uid: number; readonly gid: number } | undefined

/** The first of `names` that exists when we are root; undefined (= ourselves) when we are not. */
export function accountFor(names: readonly string[]): Account {
  if (process.getuid?.() !== 0) return undefined
  for (const name of names) {
    try {
      const id = (flag: string): number => Number(execFileSync('id', [flag, name], { stdio: 'pipe' }))
      return { uid: id('-u'), gid: id('-g') }
    } catch {
      // No such user: the next one.
    }
  }
  throw new Error(`None of the users ${names.join(', ')} exists to run a database server as`)
}

/**
 * A throw-away folder and the processes that live on it. A shell waits at the end of a pipe for our death: whatever way
 * this process ends (Ctrl-C, SIGKILL), the pipe closes, and it stops the processes and removes the folder.
 */
export class Sandbox {
  readonly folder = mkdtempSync(join(tmpdir(), 'dispatch-test-'))
  readonly #guard: ChildProcess

  constructor() {
    // Anyone may pass through to the folders of the servers, which are each user's own.
    execFileSync('chmod', ['711', this.folder])
    const script = `
      while read pid; do pids="$pids $pid"; done
      for pid in $pids; do kill -QUIT $pid; done 2>/dev/null
      for pid in $pids; do n=0; while kill -0 $pid 2>/dev/null && [ $n -lt 100 ]; do sleep 0.05; n=$((n+1)); done; done
      for pid in $pids; do kill -KILL $pid; done 2>/dev/null
      rm -rf "$0"`
    this.#guard = spawn('sh', ['-c', script, this.folder], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] })
  }

  /** A folder inside that belongs to `account`. */
  makeFolder(name: string, account: Account): string {
    const folder = join(this.folder, name)
    mkdirSync(folder, { mode: 0o700 })
    if (account) chownSync(folder, account.uid, account.gid)
    return folder
  }

  /** Starts a server and resolves when a line of its log matches `ready`; rejects with its log when it ends before. */
  async start(command: string, args: readonly string[], account: Account, ready: RegExp): Promise<void> {
    const child = spawn(command, args, { ...account, cwd: this.folder, stdio: ['ignore', 'ignore', 'pipe'] })
    this.#guard.stdin?.write(`${String(child.pid)}\n`)
    const log: string[] = []
    for await (const line of createInterface({ input: child.stderr })) {
      log.push(line)
      if (!ready.test(line)) continue
      // Its later messages go nowhere, but the pipe must not fill up; and it must not keep us alive.
      child.stderr.resume()
      child.unref()
      return
    }
    throw new Error(`${command} ended before it was ready:\n${log.join('\n')}`)
  }

  /** Has a process that something else started on the folder stopped with it. */
  adopt(pid: number): void {
    this.#guard.stdin?.write(`${pid}\n`)
  }

  /** Runs a set-up program to its end; throws with its output when it fails. */
  async run(command: string, args: readonly string[], account: Account): Promise<void> {
    const child = spawn(command, args, { ...account, cwd: this.folder, stdio: ['ignore', 'pipe', 'pipe'] })
    const output: string[] = []
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => output.push(String(chunk)))
    const [code] = await once(child, 'close')
    if (code !== 0) throw new Error(`${command} failed (${String(code)}):\n${output.join('')}`)
  }

  /** Stops everything and removes the folder. */
  async close(): Promise<void> {
    this.#guard.stdin?.end()
    if (this.#guard.exitCode === null) await once(this.#guard, 'exit')
  }
}

/**
 * A TCP port on loopback that was free a moment ago. Below the default range from which systems take ports by themselves
 * (32768 to 60999 on Linux), or a connection of anybody's could have it before the server that is meant to listen there, also
 * while it starts anew.
 */
export async function freePort(): Promise<number> {
  const port = randomInt(10_000, 32_000)
  return (await isFree(port)) ? port : freePort()
}

/** Whether a server could listen on that port of loopback just now. */
export async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  const isListening = await once(server, 'listening').then(
    () => true,
    () => false,
  )
  if (isListening) await new Promise((resolve) => server.close(resolve))
  return isListening
}

/** So many, no two of them the same. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>()
  while (ports.size < count) ports.add(await freePort())
  return [...ports]
}
