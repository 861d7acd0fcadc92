/** The server under measurement: the built one, in a process of its own, with the settings that it has by default. */
import { post, request, signUp } from '../e2e/client.js'
import { startServerProcess, type ServerProcess } from '../e2e/server-process.js'
import { cpuTimeMs } from './cpu-time.js'

export interface DispatchServer {
  readonly port: number
  readonly apiKeys: readonly string[]
  cpuTimeMs(): number | undefined
  /** Resolves when nothing is under way any more: what was delivered has been recorded. */
  settled(): Promise<void>
  /** What the server knows of a job, in words: its state, and how its attempts ended. */
  describeJob(id: string): Promise<string>
  /** Throws with its output when it did not stop in order. */
  stop(): Promise<void>
}

export interface ServerOptions {
  readonly databaseUrl: string
  readonly folder: string
  /** Where Node writes a CPU profile of each thread. */
  readonly profileFolder?: string
  readonly projects: number
}

const SETTINGS = {
  ALLOW_PRIVATE_WEBHOOKS: '127.0.0.0/8',
  // Counted as usual, but never reached.
  RATE_LIMIT_PER_MINUTE: '10000000',
  RATE_LIMIT_PER_MINUTE_PER_ADDRESS: '10000000',
  DISPATCH_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
}

const MAIN = new URL('../dispatch-backend/dist/main.js', import.meta.url).pathname

export async function startDispatch(options: ServerOptions): Promise<DispatchServer> {
  const { databaseUrl, folder, profileFolder, projects } = options
  const profile = profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`]
  const program = [process.execPath, ...profile, MAIN] as const
  const server = await startServerProcess(folder, { ...SETTINGS, DATABASE_URL: databaseUrl }, program)
  if (server.url === '') throw new Error(`Dispatch did not start:\n${server.output()}`)
  const apiKeys = await makeKeys(server.url, projects)
  return {
    port: Number(new URL(server.url).port),
    apiKeys,
    cpuTimeMs: () => (server.pid === undefined ? undefined : cpuTimeMs(server.pid)),
    settled: () => untilSettled(server.url, apiKeys),
    describeJob: (id) => describeJob(server.url, apiKeys, id),
    stop: () => stop(server),
  }
}

async function makeKeys(url: string, projects: number): Promise<string[]> {
  const first = await signUp(url)
  const keys = [first.key]
  const bearer = { authorization: `Bearer ${first.token}` }
  while (keys.length < projects) {
    const { id } = await post<{ id: string }>(`${url}/api/v1/projects`, { name: `project ${keys.length}` }, bearer)
    const made = await post<{ key: string }>(`${url}/api/v1/projects/${id}/api-keys`, { label: 'bench' }, bearer)
    keys.push(made.key)
  }
  return keys
}

async function untilSettled(url: string, apiKeys: readonly string[]): Promise<void> {
  for (const key of apiKeys) while ((await countFiring(url, key)) > 0);
}

async function countFiring(url: string, key: string): Promise<number> {
  const jobs = `${url}/api/v1/jobs?status=FIRING&limit=1`
  const { data } = await request<{ pagination: { total: number } }>('GET', jobs, { headers: { 'x-api-key': key } })
  return data.pagination.total
}

interface ShownJob {
  readonly status: string
  readonly fireAt: string
  readonly nextAttemptAt: string | null
  readonly logs: readonly { readonly firedAt: string; readonly status: string; readonly error: string | null }[]
}

async function describeJob(url: string, apiKeys: readonly string[], id: string): Promise<string> {
  for (const key of apiKeys) {
    const answer = await request<ShownJob>('GET', `${url}/api/v1/jobs/${id}`, { headers: { 'x-api-key': key } })
    if (answer.status === 404) continue
    const { status, fireAt, nextAttemptAt, logs } = answer.data
    const attempts = logs.map((log) => `${log.firedAt} ${log.status} ${log.error ?? ''}`.trim())
    const ends = attempts.length === 0 ? 'no attempt' : attempts.join('; ')
    return `${id}: ${status}, due ${fireAt}, next attempt ${nextAttemptAt ?? 'never'}; ${ends}`
  }
  return `${id}: not there`
}

async function stop(server: ServerProcess): Promise<void> {
  server.signal('SIGTERM')
  const code = await server.ended()
  if (code !== 0) throw new Error(`Dispatch ended with ${String(code)}:\n${server.output().slice(-4000)}`)
}
