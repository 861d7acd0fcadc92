/** Exports by SDK and command line: whole ones against the real server, broken ones against one that the test writes. */
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { PassThrough, Readable } from 'node:stream'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jobsCommand } from '../../dispatch-backend/src/cli/jobs/jobs.js'
import { systemClock } from '../../dispatch-backend/src/clock.js'
import { Dispatch, DispatchConnectionError, type ExportedJob } from '../../dispatch-client/src/index.js'
import { ensureBuilt } from '../../scripts/compile.mjs'
import { ROOT } from '../../scripts/ensure.mjs'
import { withLock } from '../../scripts/lock.mjs'
import { signUp } from '../client.js'
import { makeFolder, removeFolder, startServerProcess, type ServerProcess } from '../server-process.js'

const JOBS = 1_200
const PAYLOAD_TEXT = '{ "big": 12345678901234567890,\n "ü": "☂" }'

let folder: string
let server: ServerProcess
let client: Dispatch
let key: string
let broken: Server
let brokenUrl: string
/** The answers that the test's own server has begun. */
const begun: ServerResponse[] = []

beforeAll(async () => {
  await withLock(`${ROOT}.cache/ensure.lock`, () => ensureBuilt(ROOT))
  folder = await makeFolder()
  server = await startServerProcess(folder)
  key = (await signUp(server.url)).key
  client = new Dispatch({ url: server.url, apiKey: key })
  const later = { webhookUrl: 'https://hooks.example.com/x', fireAt: { inMs: 3_600_000 }, payloadText: PAYLOAD_TEXT }
  for (let made = 0; made < JOBS; made += 100) {
    await Promise.all(
      Array.from({ length: 100 }, (_, index) => client.schedule({ ...later, title: `job ${made + index}` })),
    )
  }
  broken = createServer((_request, response) => {
    response.writeHead(200, { 'content-disposition': 'attachment; filename="x"' })
    response.write('{"id":"1"}\n{"id":')
    begun.push(response)
  })
  broken.listen(0, '127.0.0.1')
  await once(broken, 'listening')
  brokenUrl = `http://127.0.0.1:${(broken.address() as AddressInfo).port}`
})

afterAll(async () => {
  broken.closeAllConnections()
  broken.close()
  server.signal('SIGTERM')
  expect(await server.ended()).toBe(0)
  await removeFolder(folder)
})

async function collect(jobs: AsyncIterable<ExportedJob>): Promise<ExportedJob[]> {
  const all: ExportedJob[] = []
  for await (const job of jobs) all.push(job)
  return all
}

interface Outcome {
  readonly code: number
  readonly out: string
  readonly err: string
}

async function runExport(args: readonly string[], url = server.url): Promise<Outcome> {
  const [out, err]: [string[], string[]] = [[], []]
  let code = 0
  const command = jobsCommand({
    print: (line) => out.push(`${line}\n`),
    printError: (line) => err.push(`${line}\n`),
    clock: systemClock,
    stdin: Readable.from([]),
    stdout: new PassThrough().on('data', (chunk: Buffer) => out.push(String(chunk))),
    paint: (_status, word) => word,
    setExitCode: (exitCode) => (code = exitCode),
    input: { env: { DISPATCH_URL: url, DISPATCH_API_KEY: key }, files: [] },
  })
  await command.parseAsync(['export', ...args], { from: 'user' })
  return { code, out: out.join(''), err: err.join('') }
}

test('the client reads every job, with its payload, in the order of the list', async () => {
  const jobs = await collect(client.export())
  expect(jobs.length).toBe(JOBS)
  const listed: string[] = []
  for await (const { id } of client.list()) listed.push(id)
  expect(jobs.map(({ id }) => id)).toEqual(listed)
  expect(jobs[0]).toMatchObject({ payloadText: PAYLOAD_TEXT, lastAttempt: null, project: { name: 'production' } })
  const some = await collect(client.export({ q: 'JOB 119', order: 'asc', status: ['SCHEDULED', 'DEAD'] }))
  expect(some.map(({ title }) => title).sort()).toEqual(
    ['job 119', ...Array.from({ length: 10 }, (_, index) => `job 119${index}`)].sort(),
  )
})

test('leaving the loop, or the signal, ends the download', async () => {
  for (let round = 0; round < 4; round += 1) {
    // More than two at a time would be refused.
    for await (const { id } of client.export()) {
      expect(id).toMatch(/^[0-9a-f-]{36}$/)
      break
    }
    const stop = new AbortController()
    const cut = (async () => {
      for await (const { id } of client.export({ signal: stop.signal })) stop.abort(new Error(`enough of ${id}`))
    })()
    await expect(cut).rejects.toThrow('enough of')
  }
})

test('what the server refuses is its own error', async () => {
  await expect(collect(client.export({ projectId: '00000000-0000-7000-8000-000000000000' }))).rejects.toMatchObject({
    code: 'NOT_FOUND',
  })
  await expect(collect(client.export({ from: 'yesterday' }))).rejects.toMatchObject({ code: 'VALIDATION' })
})

test('a download that breaks off is an error, never an end', async () => {
  const other = new Dispatch({ url: brokenUrl, apiKey: key })
  const seen: string[] = []
  const reading = (async () => {
    for await (const { id } of other.export()) {
      seen.push(id)
      begun.at(-1)!.destroy()
    }
  })()
  const error = await reading.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(DispatchConnectionError)
  expect(String(error)).toContain('what came is not all of it')
  expect(seen).toEqual(['1'])
})

test('the command writes a file that is there once all of it is', async () => {
  const file = join(folder, 'jobs.csv')
  const outcome = await runExport(['--output', file, '--status', 'SCHEDULED,DEAD', '--sort', 'due'])
  expect(outcome).toMatchObject({ code: 0, out: '' })
  const text = await readFile(file, 'utf8')
  expect(text.split('\r\n').length).toBe(JOBS + 2)
  expect(outcome.err).toContain(`Wrote ${Buffer.byteLength(text).toLocaleString('en')} bytes to ${file}.`)
  const cut = runExport(['--output', join(folder, 'cut.jsonl'), '--format', 'jsonl'], brokenUrl)
  await expect.poll(async () => (await readdir(folder)).includes('cut.jsonl.part')).toBe(true)
  begun.at(-1)!.destroy()
  expect(await cut).toMatchObject({ code: 69, err: expect.stringContaining('what came is not all of it') as string })
  expect((await readdir(folder)).filter((name) => name.startsWith('cut'))).toEqual([])
})

test('the command prints, and says in words what cannot be', async () => {
  const { out, code } = await runExport(['--format', 'jsonl', '--search', 'job 7', '--order', 'asc'])
  const titles = out
    .trimEnd()
    .split('\n')
    .map((line) => (JSON.parse(line) as ExportedJob).title)
  expect([code, new Set(titles.map((title) => title.slice(0, 5)))]).toEqual([0, new Set(['job 7'])])
  const nowhere = await runExport(['--output', join(folder, 'no', 'such', 'folder.csv')])
  expect(nowhere.code).toBe(1)
  expect(nowhere.err).toMatch(/^Cannot write .*ENOENT/)
  expect((await runExport(['--from', 'yesterday'])).err).toContain('from: expected a UTC timestamp')
})
