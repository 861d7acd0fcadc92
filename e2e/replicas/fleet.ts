/** Several real servers on one database, one project, and jobs put straight into the database: any number, due at any time. */
import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '../../dispatch-backend/src/clock.js'
import { newId } from '../../dispatch-backend/src/domain/id.js'
import { migrate } from '../../dispatch-backend/src/store/migrate.js'
import { openStore } from '../../dispatch-backend/src/store/open.js'
import type { NewJob, Store } from '../../dispatch-backend/src/store/store.js'
import type { TestDatabase } from '../../dispatch-backend/src/testing/databases.js'
import { startReceiver, type ReceivedRequest, type Receiver } from '../../dispatch-backend/src/testing/receiver.js'
import { request, signUp } from '../client.js'
import { databaseUrl, makeFolder, removeFolder, startServerProcess, type ServerProcess } from '../server-process.js'

/** Jobs of one transaction. */
const BATCH = 500
const UNFINISHED = ['SCHEDULED', 'FIRING', 'FAILED'] as const

export interface LoggedJob {
  readonly status: string
  readonly attempt: number
  readonly logs: readonly { readonly attempt: number; readonly status: string }[]
}

export interface Fleet {
  readonly receiver: Receiver
  /** Starts so many more servers. */
  start(count: number): Promise<ServerProcess[]>
  /** Puts a job for each of these due times into the database; answers the due times by job id. `to`: else `receiver`. */
  addJobs(dueAtMs: readonly number[], to?: Receiver): Promise<ReadonlyMap<string, number>>
  /** Resolves when no job waits or is under way any more. */
  untilFinished(): Promise<void>
  readJob(id: string): Promise<LoggedJob>
  /** Stops the servers in order; answers their exit codes. */
  stop(): Promise<(number | null)[]>
  close(): Promise<void>
}

/** Each of `settings` is one of every server. */
export async function openFleet(database: TestDatabase, settings: Readonly<Record<string, string>>): Promise<Fleet> {
  const folder = await makeFolder()
  const { config, drop } = await database.create()
  if (config.kind === 'sqlite') throw new Error('SQLite takes one server')
  await migrate(config, { clock: systemClock })
  const receiver = await startReceiver()
  const store = await openStore(config, { clock: systemClock })
  const env = {
    DATABASE_URL: databaseUrl(config),
    DISPATCH_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
    ALLOW_PRIVATE_WEBHOOKS: 'true',
    RATE_LIMIT_PER_MINUTE: '0',
    RATE_LIMIT_PER_MINUTE_PER_ADDRESS: '0',
    ...settings,
  }
  const servers: ServerProcess[] = []
  const [first] = await startServers(1)
  const project = await signUp(first!.url)
  const apiKeyId = await readKeyId(first!.url, project)

  async function startServers(count: number): Promise<ServerProcess[]> {
    const started = await Promise.all(Array.from({ length: count }, () => startServerProcess(folder, env)))
    for (const server of started) if (server.url === '') throw new Error(`no server:\n${server.output()}`)
    servers.push(...started)
    return started
  }
  const get = async <Data>(path: string): Promise<Data> => {
    const answer = await request<Data>('GET', `${first!.url}/api/v1${path}`, { headers: { 'x-api-key': project.key } })
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}: ${answer.message}`)
    return answer.data
  }
  const stop = async (): Promise<(number | null)[]> => {
    for (const server of servers) server.signal('SIGTERM')
    return Promise.all(servers.map((server) => server.ended()))
  }

  return {
    receiver,
    start: startServers,
    async addJobs(dueAtMs, to = receiver) {
      const jobs = dueAtMs.map((due) => newJob(to.url, project.id, apiKeyId, due))
      await createJobs(store, jobs)
      return new Map(jobs.map(({ id, fireAtMs }) => [id, fireAtMs]))
    },
    async untilFinished() {
      for (const status of UNFINISHED) {
        const path = `/jobs?status=${status}&limit=1`
        while ((await get<{ jobs: unknown[] }>(path)).jobs.length > 0) await pause(200)
      }
    },
    readJob: (id) => get<LoggedJob>(`/jobs/${id}`),
    stop,
    async close() {
      for (const server of servers) server.signal('SIGKILL')
      await Promise.all(servers.map((server) => server.ended()))
      await receiver.close()
      await store.close()
      await drop()
      await removeFolder(folder)
    },
  }
}

async function readKeyId(url: string, { id, token }: { id: string; token: string }): Promise<string> {
  const headers = { authorization: `Bearer ${token}` }
  const { data } = await request<{ id: string }[]>('GET', `${url}/api/v1/projects/${id}/api-keys`, { headers })
  return data[0]!.id
}

function newJob(receiverUrl: string, projectId: string, apiKeyId: string, fireAtMs: number): NewJob {
  return {
    id: newId(),
    ...{ projectId, fireAtMs },
    scope: { kind: 'apiKey', projectId, apiKeyId },
    title: 'replicas',
    webhookUrl: `${receiverUrl}/hook`,
    endpoint: receiverUrl,
    payload: '{"n":1}',
    nowMs: Date.now(),
  }
}

async function createJobs(store: Store, jobs: readonly NewJob[]): Promise<void> {
  const batches = Array.from({ length: Math.ceil(jobs.length / BATCH) }, (_, index) =>
    jobs.slice(index * BATCH, (index + 1) * BATCH),
  )
  const results = (await Promise.all(batches.map((batch) => store.createJobs(batch)))).flat()
  const failed = results.find(({ outcome }) => outcome !== 'created')
  if (failed) throw new Error(`a job was not created: ${failed.outcome}`)
}

export function jobIdOf({ headers }: ReceivedRequest): string {
  return String(headers['webhook-id'])
}

export function attemptOf({ headers }: ReceivedRequest): number {
  return Number(headers['x-dispatch-attempt'])
}

/** The requests that came after the first one for the same job. */
export function repeated(requests: readonly ReceivedRequest[]): string[] {
  const seen = new Set<string>()
  return requests.map(jobIdOf).filter((id) => seen.size === seen.add(id).size)
}

/** What a receiver saw that must never be: jobs that did not come, came early, or are nobody's. */
export function lostEarlyOrForeign(requests: readonly ReceivedRequest[], jobs: ReadonlyMap<string, number>): string[] {
  const received = new Set(requests.map(jobIdOf))
  const lost = [...jobs.keys()].filter((id) => !received.has(id)).map((id) => `${id} was never delivered`)
  const others = requests.flatMap((one) => {
    const dueAtMs = jobs.get(jobIdOf(one))
    if (dueAtMs === undefined) return [`${jobIdOf(one)} is no job of ours`]
    return one.receivedAtMs < dueAtMs ? [`${jobIdOf(one)} came ${dueAtMs - one.receivedAtMs} ms early`] : []
  })
  return [...lost, ...others]
}
