/** One database: filled while no server runs, then read through one. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { get, post, signUp } from '../../e2e/client.js'
import { startServerProcess, type ServerProcess } from '../../e2e/server-process.js'
import { openDatabase, type BenchDatabase, type DatabaseName } from '../databases.js'
import { fill, type Tenant } from './fill.js'
import { timeExport, timeReads, type Api } from './reads.js'
import type { MillionResults } from './report.js'

export interface Sizes {
  readonly jobs: number
  readonly projects: number
  /** Of each read. */
  readonly runs: number
}

type Say = (line: string) => void

const SETTINGS = {
  RATE_LIMIT_PER_MINUTE: '10000000',
  DISPATCH_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
}

/** On a database of its own, which is deleted afterwards; undefined when its programs are not installed. */
export async function measure(name: DatabaseName, sizes: Sizes, say: Say): Promise<MillionResults | undefined> {
  const folder = await mkdtemp(join(tmpdir(), 'dispatch-million-'))
  const database = await openDatabase(name, folder)
  try {
    return database && (await measureOn(name, database, folder, sizes, say))
  } finally {
    await database?.close()
    await rm(folder, { recursive: true, force: true })
  }
}

async function measureOn(
  name: DatabaseName,
  database: BenchDatabase,
  folder: string,
  sizes: Sizes,
  say: Say,
): Promise<MillionResults> {
  const start = (): Promise<ServerProcess> => startServerProcess(folder, { ...SETTINGS, DATABASE_URL: database.url })
  const first = await start()
  const { tenant, token } = await makeTenant(first.url, sizes.projects)
  await stop(first)
  say(`${name}: filling`)
  const filledAtMs = performance.now()
  await fill(database.config, tenant, sizes.jobs)
  const fillSeconds = (performance.now() - filledAtMs) / 1_000
  say(`${name}: ${Math.round(fillSeconds)} s; reading`)
  const server = await start()
  try {
    const api = { url: `${server.url}/api/v1`, token }
    const rollUpSeconds = await untilRolledUp(api)
    const reads = await timeReads(api, tenant, sizes.runs, say)
    const exports = []
    for (const query of EXPORTS) exports.push(await timeExport(api, query))
    return { name, fillSeconds, rollUpSeconds, reads, exports }
  } finally {
    await stop(server)
  }
}

const EXPORTS = ['format=csv', 'format=jsonl', 'format=csv&sort=due&status=FAILED,DEAD', 'format=csv&q=nothing-like-it']

async function makeTenant(url: string, projects: number): Promise<{ tenant: Tenant; token: string }> {
  const { id, token } = await signUp(url)
  const headers = { authorization: `Bearer ${token}` }
  const projectIds = [id]
  while (projectIds.length < projects) {
    const made = await post<{ id: string }>(`${url}/api/v1/projects`, { name: `project ${projectIds.length}` }, headers)
    projectIds.push(made.id)
  }
  const { organizationId } = await get<{ organizationId: string }>(`${url}/api/v1/projects/${id}`, headers)
  return { tenant: { organizationId, projectIds }, token }
}

const ROLL_UP_PATIENCE_MS = 300_000

/** Seconds until the statistics of the past are rolled up, as a server that was switched off for a week does when it is back. */
async function untilRolledUp({ url, token }: Api): Promise<number> {
  const startedMs = performance.now()
  const headers = { authorization: `Bearer ${token}` }
  while (performance.now() - startedMs < ROLL_UP_PATIENCE_MS) {
    const { isExact } = await get<{ isExact: boolean }>(`${url}/stats?range=24h`, headers)
    if (isExact) break
    await new Promise((resolve) => setTimeout(resolve, 1_000))
  }
  return (performance.now() - startedMs) / 1_000
}

async function stop(server: ServerProcess): Promise<void> {
  server.signal('SIGTERM')
  const code = await server.ended()
  if (code !== 0) throw new Error(`Dispatch ended with ${String(code)}:\n${server.output().slice(-4000)}`)
}
