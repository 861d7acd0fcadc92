/** A server of its own for one demo: SQLite in a temporary folder, a free port of loopback, an account, a project, a key. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { Clock } from '../../clock.js'
import { DemoError } from './demo-error.js'
import type { FromServer, ServerSetup } from './throwaway-messages.js'

export interface ThrowawayServer {
  readonly url: string
  readonly apiKey: string
  /** For people: which database, and where. */
  readonly database: string
  /** Stops the server and removes its folder. */
  close(): Promise<void>
}

/** A stop that takes longer is cut short: nothing of it is kept. */
const STOP_LIMIT_MS = 2_000

/** Retries that come soon, so that the end of a failing job is seen. Everything else is as in a server by default. */
const RETRIES = { RETRY_DELAYS: '500ms,1s', MAX_ATTEMPTS: '3' }

/** Rejects with a `DemoError`, with nothing left behind. */
export async function startThrowawayServer(clock: Clock): Promise<ThrowawayServer> {
  const folder = makeFolder()
  // However this process ends, short of SIGKILL: at an exit only what is synchronous still runs.
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  process.once('exit', remove)
  // Node's own options of this process (`--input-type`, `--inspect-brk`) are not meant for the thread.
  const threadOptions = { workerData: setupFor(folder), execArgv: [] }
  const worker = new Worker(new URL('./throwaway-worker.js', import.meta.url), threadOptions)
  const close = async (): Promise<void> => {
    await stop(worker, clock)
    remove()
    process.off('exit', remove)
  }
  try {
    const { url, database } = await untilReady(worker)
    return { url, database, apiKey: await signUp(url), close }
  } catch (error) {
    await close()
    throw error
  }
}

function makeFolder(): string {
  try {
    return mkdtempSync(join(tmpdir(), 'dispatch-demo-'))
  } catch (error) {
    throw new DemoError(
      `Cannot make a folder in ${tmpdir()} (${String(error)}). Set TMPDIR to one that may be written.`,
    )
  }
}

function setupFor(folder: string): ServerSetup {
  return {
    env: {
      PORT: '0',
      HOST: '127.0.0.1',
      DATABASE_URL: `sqlite://${encodeURI(join(folder, 'dispatch.db'))}`,
      ALLOW_PRIVATE_WEBHOOKS: '127.0.0.0/8',
      ...RETRIES,
    },
  }
}

function untilReady(worker: Worker): Promise<FromServer & { kind: 'ready' }> {
  const logged: string[] = []
  return new Promise((resolve, reject) => {
    const fail = (message: string): void =>
      reject(new DemoError([`The throw-away server did not start: ${message}`, ...logged].join('\n')))
    worker.on('message', (message: FromServer) => {
      if (message.kind === 'log') logged.push(message.line)
      else if (message.kind === 'ready') resolve(message)
      else fail(message.message)
    })
    worker.once('error', (error) => fail(String(error)))
    worker.once('exit', () => fail('its thread ended'))
  })
}

async function stop(worker: Worker, clock: Clock): Promise<void> {
  // -1 once it has ended.
  if (worker.threadId === -1) return
  const ended = once(worker, 'exit')
  worker.postMessage('stop')
  const limit = new AbortController()
  await Promise.race([ended, clock.sleep(STOP_LIMIT_MS, limit.signal)])
  limit.abort()
  await worker.terminate()
}

/** As anybody does it: over the API. The first account needs no set-up token from this machine. */
async function signUp(url: string): Promise<string> {
  const account = { email: 'demo@example.com', password: randomBytes(16).toString('hex') }
  const { token } = await post<{ token: string }>(`${url}/api/v1/auth/register`, account)
  const { id } = await post<{ id: string }>(`${url}/api/v1/projects`, { name: 'demo' }, token)
  const { key } = await post<{ key: string }>(`${url}/api/v1/projects/${id}/api-keys`, { label: 'demo' }, token)
  return key
}

async function post<Data>(url: string, body: object, token?: string): Promise<Data> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const headers = { 'content-type': 'application/json', ...authorization }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  const { message, data } = (await response.json()) as { message: string; data: Data }
  if (!response.ok) throw new DemoError(`The throw-away server refused ${url}: ${response.status} ${message}`)
  return data
}
