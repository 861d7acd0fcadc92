/** What people's pages and programs read, timed over HTTP one after the other. */
import { get, request } from '../../e2e/client.js'
import type { Tenant } from './fill.js'

export interface Timing {
  readonly name: string
  /** Of each run, in the order of the runs. */
  readonly ms: readonly number[]
  /** What came of it, in words. */
  readonly note: string
}

export interface Api {
  /** With `/api/v1`. */
  readonly url: string
  readonly token: string
}

interface JobPage {
  readonly jobs: readonly { readonly id: string }[]
  readonly pagination: { readonly total: number; readonly totalIsExact: boolean }
}

/** Of every read so many runs. The server has cached nothing of the first. */
export async function timeReads(api: Api, tenant: Tenant, runs: number, say: (line: string) => void) {
  const timings: Timing[] = []
  const [large, small] = endsOf(tenant)
  const add = (timing: Timing): void => {
    timings.push(timing)
    say(`  ${timing.name}: ${timing.ms.map((ms) => Math.round(ms)).join(' ')}`)
  }
  for (const range of ['1h', '24h', '7d', '30d']) add(await timeRead(api, `/stats?range=${range}`, runs))
  add(await timeRead(api, `/stats?range=24h&projectId=${large}`, runs))
  add(await timeRead(api, '/stats/forecast', runs))
  add(await timeRead(api, '/projects', runs))
  add(await timeRead(api, `/projects/${large}`, runs))
  for (const query of listQueries(large, small)) add(await timeList(api, tenant, query, runs))
  add(await timeCancel(api, runs))
  return timings
}

/** The project with half of the jobs, and one of the others. */
function endsOf({ projectIds }: Tenant): [string, string] {
  return [projectIds[0] ?? '', projectIds.at(-1) ?? '']
}

function listQueries(large: string, small: string): string[] {
  const recent = new Date(Date.now() - 86_400_000).toISOString()
  return [
    '',
    'page=10',
    'page=1000',
    'page=19000',
    'order=asc',
    `projectId=${large}`,
    `projectId=${large}&page=19000`,
    `projectId=${small}`,
    'status=DEAD',
    'status=SUCCESS&page=19000',
    'status=FAILED,DEAD',
    `status=DEAD&projectId=${large}`,
    `from=${recent}`,
    'sort=due',
    'sort=due&page=5000',
    'sort=due&order=asc&status=SCHEDULED,FAILED',
    `sort=due&projectId=${large}`,
    'q=reminder%2042',
    'q=nothing-like-it',
    'endpoint=https://hooks-7.example.com',
    'q=reminder%2042&sort=due',
    'endpoint=https://hooks-7.example.com&sort=due',
    'q=reminder%2042&status=FAILED,DEAD',
    `q=reminder%2042&sort=due&projectId=${large}`,
  ]
}

async function timed<Result>(run: () => Promise<Result>): Promise<{ ms: number; result: Result }> {
  const startedMs = performance.now()
  const result = await run()
  return { ms: performance.now() - startedMs, result }
}

const bearer = ({ token }: Api) => ({ authorization: `Bearer ${token}` })

async function timeRead(api: Api, path: string, runs: number): Promise<Timing> {
  const ms: number[] = []
  for (let run = 0; run < runs; run += 1) ms.push((await timed(() => get(`${api.url}${path}`, bearer(api)))).ms)
  return { name: path.replace(/[0-9a-f-]{36}/, ':id'), ms, note: '' }
}

async function timeList(api: Api, tenant: Tenant, query: string, runs: number): Promise<Timing> {
  const [large, small] = endsOf(tenant)
  const ms: number[] = []
  let note = ''
  for (let run = 0; run < runs; run += 1) {
    const { ms: tookMs, result } = await timed(() =>
      get<JobPage>(`${api.url}/jobs?limit=20${query === '' ? '' : `&${query}`}`, bearer(api)),
    )
    const { total, totalIsExact } = result.pagination
    note = `${result.jobs.length} of ${total.toLocaleString('en')}${totalIsExact ? '' : '+'}`
    ms.push(tookMs)
  }
  const name = query
    .replace(small, ':small')
    .replace(large, ':large')
    .replace(/from=[^&]*/, 'from=a day ago')
  return { name: `/jobs${name === '' ? '' : `?${decodeURIComponent(name)}`}`, ms, note }
}

/** Each run others. */
async function timeCancel(api: Api, runs: number): Promise<Timing> {
  const ms: number[] = []
  for (let run = 0; run < runs; run += 1) {
    const page = await get<JobPage>(`${api.url}/jobs?status=SCHEDULED&sort=due&limit=100`, bearer(api))
    const ids = page.jobs.map(({ id }) => id)
    const { ms: tookMs, result } = await timed(() =>
      request<{ cancelled: string[] }>('POST', `${api.url}/jobs/cancel`, { headers: bearer(api), body: { ids } }),
    )
    if (result.data.cancelled.length !== ids.length) throw new Error(`not all were cancelled: ${result.message}`)
    ms.push(tookMs)
  }
  return { name: 'POST /jobs/cancel, 100 ids', ms, note: '' }
}

export interface ExportTiming {
  readonly name: string
  readonly firstByteMs: number
  readonly seconds: number
  readonly jobs: number
  readonly bytes: number
}

/** A whole download. Lines are counted, so titles must not hold any. */
export async function timeExport({ url, token }: Api, query: string): Promise<ExportTiming> {
  const startedMs = performance.now()
  const answer = await fetch(`${url}/jobs/export?${query}`, { headers: { authorization: `Bearer ${token}` } })
  if (answer.status !== 200 || !answer.body) throw new Error(`the export answered ${answer.status}`)
  let [firstByteMs, lines, bytes] = [NaN, 0, 0]
  for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
    if (bytes === 0) firstByteMs = performance.now() - startedMs
    bytes += chunk.byteLength
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines += 1
  }
  const jobs = query.includes('csv') ? lines - 1 : lines
  return { name: query, firstByteMs, seconds: (performance.now() - startedMs) / 1_000, jobs, bytes }
}
