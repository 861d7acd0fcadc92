/** `GET /jobs/export` over real connections: what is in the file, and what becomes of downloads that do not end well. */
import { once } from 'node:events'
import { createConnection, type AddressInfo, type Socket } from 'node:net'
import { text as readText } from 'node:stream/consumers'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { exportedJob } from 'dispatch-contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DatabaseAwayError } from '../store/store.js'
import { databases } from '../testing/databases.js'
import { type Account, type Answer, later, openTestApi, type TestApi, type TestProject } from './testing/test-api.js'

const PAYLOAD = '{\n  "n": 12345678901234567890,\r\n  "f": 1.0\n}'

async function openAll(database: (typeof databases)[number]) {
  const api = await openTestApi(database)
  const account = await api.signUp()
  const project = await api.project(account)
  await api.app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = api.app.server.address() as AddressInfo
  return { api, account, project, port }
}

describe.each(databases)('GET /jobs/export on $name', (database) => {
  let api: TestApi
  let account: Account
  let project: TestProject
  beforeAll(async () => {
    ;({ api, account, project } = await openAll(database))
  })
  afterAll(() => api.close())

  const get = (query: string, credentials: object = { token: account.token }): Promise<Answer> =>
    api.call({ path: `/jobs/export${query}`, ...credentials })
  const jsonLines = ({ text }: Answer): unknown[] =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line): unknown => JSON.parse(line))

  it('answers a row a job, newest first, with what a spreadsheet needs', async () => {
    const body = `{"title":"=cmd|' /C calc'!A0","webhookUrl":"https://example.com/a,b","fireAt":"${later(api)}","payload":${PAYLOAD}}`
    const first = await api.call({ method: 'POST', path: '/jobs', key: project.key, body })
    const second = await api.job(project, { title: 'Grüße ☂, "quoted"' })
    const answer = await get('')
    expect([answer.status, answer.headers['content-type']]).toEqual([200, 'text/csv; charset=utf-8; header=present'])
    expect(answer.headers['content-disposition']).toMatch(/^attachment; filename="dispatch-jobs-\d{8}T\d{6}Z\.csv"$/)
    expect(answer.headers['cache-control']).toBe('no-store')
    const rows = answer.text.split('\r\n')
    expect(rows[0]).toBe(
      '\ufeffid,projectId,project,title,webhookUrl,status,fireAt,nextAttemptAt,attempt,retryCount,createdAt,updatedAt,' +
        'replayOf,lastAttemptStatus,lastAttemptFiredAt,lastAttemptResponseCode,lastAttemptDurationMs,lastAttemptLatenessMs,' +
        'lastAttemptError',
    )
    expect(rows[1]).toContain(
      `${second},${project.id},production,"Grüße ☂, ""quoted""",https://example.com/hook,SCHEDULED,`,
    )
    expect(rows[2]).toContain(
      `${first.json.data.id},${project.id},production,'=cmd|' /C calc'!A0,"https://example.com/a,b",`,
    )
    expect([rows.length, rows[3]]).toEqual([4, ''])
  })

  it('answers a job a line, with its payload as it was sent', async () => {
    const answer = await get('?format=jsonl&order=asc', { key: project.key })
    expect(answer.headers['content-type']).toBe('application/x-ndjson; charset=utf-8')
    expect(answer.headers['content-disposition']).toMatch(/\.jsonl"$/)
    const [job, other] = jsonLines(answer).map((line) => exportedJob.strict().parse(line))
    expect(job).toMatchObject({
      payloadText: PAYLOAD,
      project: { id: project.id, name: 'production' },
      lastAttempt: null,
    })
    expect(answer.text.split('\n')[0]).toContain('"payload":{   "n": 12345678901234567890,    "f": 1.0 },')
    const shown = await api.call({ path: `/jobs/${job!.id}`, token: account.token })
    expect({ ...job, logs: [], lastAttempt: undefined }).toEqual({ ...shown.json.data, lastAttempt: undefined })
    expect(other).toMatchObject({ payloadText: '{}' })
  })

  it('takes the filters of the list, and says what is wrong with them before the file begins', async () => {
    const other = await api.project(account)
    const id = await api.job(other, { title: 'Elsewhere' })
    const ids = async (query: string): Promise<unknown[]> =>
      jsonLines(await get(`?format=jsonl&${query}`)).map((line) => exportedJob.parse(line).id)
    expect(await ids(`projectId=${other.id}`)).toEqual([id])
    expect(await ids('q=elsewhere&sort=due')).toEqual([id])
    expect(await ids('status=DEAD')).toEqual([])
    expect((await ids('endpoint=https://example.com&to=2999-01-01T00:00:00Z')).length).toBe(3)
    for (const query of ['?format=xml', '?status=NONE', '?from=yesterday', '?endpoint=x', '?sort=title']) {
      const answer = await get(query)
      expect([answer.status, answer.headers['x-error-code']], query).toEqual([400, 'VALIDATION'])
      expect(answer.headers['content-disposition']).toBeUndefined()
    }
    const nowhere = await get('?projectId=00000000-0000-7000-8000-000000000000')
    expect([nowhere.status, nowhere.json.message]).toEqual([404, 'Project not found'])
  })
})

/** Reads on, and expects no whole answer. */
async function expectBroken(answer: IncomingMessage): Promise<void> {
  const outcome = await readText(answer).then(
    () => 'ended',
    (error: unknown) => String(error),
  )
  expect(outcome).toMatch(/aborted|ECONNRESET/)
  expect(answer.complete).toBe(false)
}

// What a connection does is the same on every database.
describe('a download', () => {
  const JOBS = 160
  const LARGE = JSON.stringify({ x: 'y'.repeat(100_000) })
  let api: TestApi
  let account: Account
  let project: TestProject
  let port: number
  /** Pages read so far, and what reading the next one fails with. */
  let [reads, failure]: [number, Error | undefined] = [0, undefined]
  beforeAll(async () => {
    ;({ api, account, project, port } = await openAll(databases[0]!))
    const many = Array.from({ length: JOBS }, () => api.job(project, { payload: JSON.parse(LARGE) as object }))
    await Promise.all(many)
    const readPage = api.store.exportJobs.bind(api.store)
    api.store.exportJobs = (query) => {
      reads += 1
      return failure ? Promise.reject(failure) : readPage(query)
    }
  })
  afterAll(() => api.close())

  function download(query = '?format=jsonl', credentials?: object): Promise<IncomingMessage> {
    const headers = { authorization: `Bearer ${account.token}`, ...credentials }
    const sent = httpRequest({
      port,
      host: '127.0.0.1',
      path: `/api/v1/jobs/export${query}`,
      headers,
      agent: false,
    }).end()
    return once(sent, 'response').then(([answer]) => answer as IncomingMessage)
  }

  /** Its status, once nothing more is read for it. */
  async function readWhole(downloading: Promise<IncomingMessage>): Promise<number | undefined> {
    const answer = await downloading
    await readText(answer)
    return answer.statusCode
  }

  /** Waits until the server reads no further: the same number of pages at several turns in a row. */
  async function readsSettled(): Promise<number> {
    for (let quiet = 0, last = -1; quiet < 20;) {
      await new Promise((resolve) => setTimeout(resolve, 10))
      quiet = reads === last ? quiet + 1 : 0
      last = reads
    }
    return reads
  }

  it('is complete when it is read to its end', async () => {
    const answer = await download()
    const lines = (await readText(answer)).trimEnd().split('\n')
    expect([lines.length, answer.complete]).toEqual([JOBS, true])
    expect(new Set(lines.map((line) => exportedJob.parse(JSON.parse(line)).id)).size).toBe(JOBS)
  })

  it('reads no further than a client that does not take it, and goes on when it does', async () => {
    const answer = await download()
    answer.pause()
    const before = reads
    const whileSlow = (await readsSettled()) - before
    // Some 30 MB in pages of 1 MiB: buffers of the connection hold a few of them.
    expect(whileSlow).toBeLessThan(JOBS / 12)
    const lines = (await readText(answer)).trimEnd().split('\n')
    expect(lines.length).toBe(JOBS)
    expect(reads - before).toBeGreaterThan(whileSlow)
  })

  it('ends with the client that goes away, and frees its place', async () => {
    for (let round = 0; round < 3; round += 1) {
      const [one, two] = [await download(), await download()]
      one.pause()
      two.pause()
      const third = await download()
      expect([third.statusCode, third.headers['x-error-code'], third.headers['retry-after']]).toEqual([
        429,
        'RATE_LIMITED',
        '15',
      ])
      third.resume()
      // Another's place is not theirs.
      const other = await download('?format=csv', { authorization: '', 'x-api-key': project.key })
      expect(other.statusCode).toBe(200)
      await readText(other)
      one.destroy()
      two.destroy()
      await expect.poll(() => readWhole(download('?format=csv'))).toBe(200)
    }
    const left = await readsSettled()
    expect(await readsSettled()).toBe(left)
  })

  it('counts the keys of an organization together, as anybody can make more of them', async () => {
    const second = await api.project(account)
    const withKey = (key: string) => download('?format=jsonl', { authorization: '', 'x-api-key': key })
    const running = [await withKey(project.key), await withKey(project.key)]
    for (const answer of running) answer.pause()
    const third = await withKey(second.key)
    third.resume()
    expect([third.statusCode, third.headers['x-error-code']]).toEqual([429, 'RATE_LIMITED'])
    const another = await download('?format=csv')
    expect(another.statusCode).toBe(200)
    await readText(another)
    for (const answer of running) answer.destroy()
    await expect.poll(() => readWhole(withKey(second.key))).toBe(200)
  })

  it('is broken off when the database goes away or a bug shows, and never looks complete', async () => {
    for (const error of [new DatabaseAwayError('gone'), new Error('bug')]) {
      const answer = await download()
      answer.pause()
      await readsSettled()
      failure = error
      await expectBroken(answer)
      failure = undefined
    }
  })

  it('does not end like a whole one when its key was revoked or its project deleted meanwhile', async () => {
    const end = {
      key: (of: TestProject) => `/projects/${of.id}/api-keys/${of.keyId}`,
      project: (of: TestProject) => `/projects/${of.id}`,
    }
    for (const path of [end.key, end.project]) {
      const own = await api.project(account)
      await Promise.all(Array.from({ length: 60 }, () => api.job(own, { payload: JSON.parse(LARGE) as object })))
      const credentials = path === end.key ? { authorization: '', 'x-api-key': own.key } : {}
      const answer = await download(`?format=jsonl&projectId=${own.id}`, credentials)
      answer.pause()
      await readsSettled()
      expect((await api.call({ method: 'DELETE', path: path(own), token: account.token })).status).toBe(200)
      await expectBroken(answer)
    }
  })

  it('is refused over HTTP/1.0, where its end would look the same whyever it came', async () => {
    const socket: Socket = createConnection({ port, host: '127.0.0.1' })
    socket.write(`GET /api/v1/jobs/export HTTP/1.0\r\nauthorization: Bearer ${account.token}\r\n\r\n`)
    const answer = await readText(socket)
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer).toContain('Exports need HTTP/1.1')
  })

  it('is broken off by a stop, which it does not hold up', async () => {
    const other = await openAll(databases[0]!)
    await Promise.all(
      Array.from({ length: 100 }, () => other.api.job(other.project, { payload: JSON.parse(LARGE) as object })),
    )
    const headers = { authorization: `Bearer ${other.account.token}` }
    const path = '/api/v1/jobs/export?format=jsonl'
    const sent = httpRequest({ port: other.port, host: '127.0.0.1', path, headers, agent: false }).end()
    const [answer] = (await once(sent, 'response')) as [IncomingMessage]
    answer.pause()
    await other.api.close()
    await expectBroken(answer)
  })
})
