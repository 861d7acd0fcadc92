import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { databases } from '../testing/databases.js'
import { DatabaseAwayError, QueryTooSlowError } from '../store/store.js'
import { type Account, openTestApi, type TestApi, type TestProject } from './testing/test-api.js'

describe('every answer', () => {
  let api: TestApi
  let account: Account
  let project: TestProject
  let port: number
  let isReady = true
  const unexpected: unknown[] = []
  beforeAll(async () => {
    const limits = { maxBodyBytes: 5000, perMinutePerKey: 0, perMinutePerAddress: 0, authPer15Minutes: 0 }
    api = await openTestApi(databases[0]!, {
      limits,
      isReady: () => (isReady ? { ready: true } : { ready: false, reason: 'the database does not answer' }),
    })
    account = await api.signUp()
    project = await api.project(account)
    api.events.on('unexpected', ({ where, requestId }) => unexpected.push([where, requestId]))
    await api.app.listen({ host: '127.0.0.1', port: 0 })
    port = (api.app.server.address() as { port: number }).port
  })
  afterAll(() => api.close())

  it.each([
    ['an unknown route', { path: '/nothing' }, 404, 'NOT_FOUND'],
    ['an unknown route outside the API', { path: '//x' }, 404, 'NOT_FOUND'],
    ['a URL that cannot be decoded', { path: '/jobs/%ff%' }, 400, 'VALIDATION'],
    ['a path part of any length', { path: `/jobs/${'x'.repeat(500)}` }, 404, 'NOT_FOUND'],
    ['a method that the address does not take', { method: 'PATCH', path: '/jobs' }, 405, 'METHOD_NOT_ALLOWED'],
    ['malformed JSON', { method: 'POST', path: '/auth/login', body: '{"email":' }, 400, 'MALFORMED_JSON'],
    ['no body where one is needed', { method: 'POST', path: '/auth/login' }, 400, 'VALIDATION'],
    [
      'bytes that are no text',
      { method: 'POST', path: '/auth/login', body: Buffer.from([0xff]) },
      400,
      'MALFORMED_JSON',
    ],
    [
      'another content type',
      { method: 'POST', path: '/auth/login', body: 'a=b', headers: { 'content-type': 'text/plain' } },
      415,
      'UNSUPPORTED_MEDIA_TYPE',
    ],
  ] as const)('is an envelope with a code and safe headers: %s', async (_what, call, status, code) => {
    const answer = await api.call(call)
    expect([answer.status, answer.headers['x-error-code']]).toEqual([status, code])
    expect(answer.json).toEqual({ status: false, message: expect.stringMatching(/./), data: null })
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    })
  })

  it('says which methods an address takes', async () => {
    const answer = await api.call({ method: 'PUT', path: '/jobs/x' })
    expect([answer.status, answer.headers['allow']]).toEqual([405, 'DELETE, GET, HEAD'])
  })

  it('refuses a body over the limit before reading it, and takes one at the limit', async () => {
    const body = (length: number) =>
      JSON.stringify({ email: 'a@example.com', password: '' }).replace('""', `"${'x'.repeat(length)}"`)
    const over = await api.call({ method: 'POST', path: '/auth/login', body: body(5000) })
    expect([over.status, over.headers['x-error-code'], over.json.data]).toEqual([413, 'BODY_TOO_LARGE', null])
    expect(over.json.message).toContain('at most 5000 bytes')
    const exact = body(5000 - body(0).length)
    expect((await api.call({ method: 'POST', path: '/auth/login', body: exact })).status).toBe(400)
  })

  it('is never changed by names that mean something to JavaScript', async () => {
    const body = '{"__proto__":{"isInstanceOwner":true},"constructor":{"prototype":{"x":1}},"name":"p"}'
    const answer = await api.call({ method: 'POST', path: '/projects', token: account.token, body })
    expect(answer.status).toBe(201)
    expect(({} as Record<string, unknown>)['x']).toBeUndefined()
    const list = await api.call({ path: '/jobs?__proto__[status]=DEAD&constructor=1', token: account.token })
    expect(list.status).toBe(200)
  })

  it('takes a DELETE without a body, whatever its content type says', async () => {
    const id = await api.job(project)
    const headers = { 'content-type': 'application/json' }
    expect((await api.call({ method: 'DELETE', path: `/jobs/${id}`, key: project.key, headers })).status).toBe(200)
  })

  it('carries a request id: its own, or a harmless one of the caller', async () => {
    const id = async (given?: string) => {
      const headers = given === undefined ? {} : { 'x-request-id': given }
      return (await api.call({ path: '/healthcheck', headers })).headers['x-request-id']
    }
    expect(await id()).toMatch(/^[0-9a-f-]{36}$/)
    expect(await id('trace-1.2:3')).toBe('trace-1.2:3')
    expect(await id('two words')).not.toBe('two words')
    expect(await id('x'.repeat(65))).not.toBe('x'.repeat(65))
  })

  it('lets listed origins call from a browser, and no others', async () => {
    const preflight = (origin: string) =>
      api.call({
        method: 'OPTIONS',
        path: '/jobs',
        headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-api-key' },
      })
    const listed = await preflight('https://dispatch.example.com')
    expect([listed.status, listed.headers['access-control-allow-origin']]).toEqual([
      204,
      'https://dispatch.example.com',
    ])
    expect(listed.headers['access-control-allow-headers']).toContain('x-api-key')
    for (const origin of [
      'https://evil.example',
      'http://localhost:3000',
      'https://dispatch.example.com.evil.example',
    ]) {
      const other = await preflight(origin)
      expect(other.headers['access-control-allow-origin']).toBeUndefined()
    }
    const development = await openTestApi(databases[0]!, { development: true })
    const local = await development.call({ path: '/healthcheck', headers: { origin: 'http://localhost:3000' } })
    expect(local.headers['access-control-allow-origin']).toBe('http://localhost:3000')
    expect(local.headers['access-control-expose-headers']).toMatch(/\bdate\b.*\bx-error-code\b/)
    await development.close()
  })

  it('tells supervisors whether we live and are ready', async () => {
    expect((await api.call({ path: '//healthz' })).json).toEqual({ status: 'ok' })
    expect((await api.call({ path: '/healthcheck' })).json).toEqual({ status: 'ok' })
    expect((await api.call({ path: '//readyz' })).status).toBe(200)
    isReady = false
    const away = await api.call({ path: '//readyz' })
    isReady = true
    expect([away.status, away.json]).toEqual([503, { status: 'not ready', reason: 'the database does not answer' }])
  })

  it('is 503 with a hint while the database is away, and 500 without details after a bug', async () => {
    const failWith = (error: Error) => {
      vi.spyOn(api.store, 'listProjects').mockRejectedValueOnce(error)
      return api.call({ path: '/projects', token: account.token, headers: { 'x-request-id': 'req-7' } })
    }
    const away = await failWith(new DatabaseAwayError('connect ECONNREFUSED 10.0.0.7'))
    expect([away.status, away.headers['x-error-code'], away.headers['retry-after']]).toEqual([
      503,
      'DATABASE_AWAY',
      '2',
    ])
    expect(away.text).not.toContain('10.0.0.7')
    const slow = await failWith(new QueryTooSlowError('10.0.0.7 took too long', { seconds: 29 }))
    expect([slow.status, slow.headers['x-error-code'], slow.headers['retry-after']]).toEqual([
      503,
      'QUERY_TOO_SLOW',
      '30',
    ])
    expect(slow.json.message).toMatch(
      /no answer after 29 s.*a shorter time \(`from`, `to`\), one project, or an earlier page/,
    )
    expect(slow.text).not.toContain('10.0.0.7')
    const bug = await failWith(new Error('secret detail'))
    expect([bug.status, bug.headers['x-error-code']]).toEqual([500, 'INTERNAL'])
    expect(bug.text).not.toContain('secret detail')
    expect(bug.json.message).toContain('under request id req-7')
    expect(unexpected).toEqual([['GET /api/v1/projects', 'req-7']])
  })

  it('is an envelope even to what is no HTTP', async () => {
    const answer = await talk(port, 'NONSENSE\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
    expect(JSON.parse(answer.split('\r\n\r\n')[1]!)).toMatchObject({ status: false, data: null })
    const overflow = await talk(port, `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(100_000)}\r\n\r\n`)
    expect(overflow).toMatch(/^HTTP\/1\.1 431 /)
    const smuggled =
      'POST /healthz HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'
    expect(await talk(port, smuggled)).toMatch(/^HTTP\/1\.1 400 /)
  })
})

describe('closing', () => {
  it('answers what is under way, and what comes on a connection that it had accepted', async () => {
    const api = await openTestApi(databases[0]!)
    const account = await api.signUp()
    let release = (): void => undefined
    const reached = new Promise<void>((isReached) => {
      vi.spyOn(api.store, 'listProjects').mockImplementationOnce(async () => {
        isReached()
        await new Promise<void>((resolve) => (release = resolve))
        return []
      })
    })
    await api.app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = api.app.server.address() as { port: number }
    const slow = open(port)
    slow.write(`GET /api/v1/projects HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${account.token}\r\n\r\n`)
    const late = open(port)
    late.write('GET /api/v1/healthcheck HTTP/1.1\r\n')
    await reached
    const closed = api.app.close()
    await expect.poll(() => api.app.server.listening).toBe(false)
    late.write('host: x\r\n\r\n')
    expect(await late.heard).toMatch(/^HTTP\/1\.1 200 [^]*connection: close[^]*"status":"ok"/i)
    release()
    expect(await slow.heard).toContain('Projects fetched successfully')
    await closed
    await api.close()
  })

  it('accepts and answers every connection that waits to be accepted', async () => {
    const api = await openTestApi(databases[0]!)
    await api.app.listen({ host: '127.0.0.1', port: 0 })
    const { port } = api.app.server.address() as { port: number }
    const waiting = Array.from({ length: 20 }, () => open(port))
    for (const connection of waiting) connection.write('GET /api/v1/healthcheck HTTP/1.1\r\nhost: x\r\n\r\n')
    // The kernel has taken the connections by then; the server could not, for the event loop has not turned.
    await new Promise((resolve) => process.nextTick(resolve))
    const closed = api.app.close()
    for (const answer of await Promise.all(waiting.map(({ heard }) => heard)))
      expect(answer).toMatch(/^HTTP\/1\.1 200 /)
    await closed
    await api.close()
  })
})

/** A connection; `heard` is everything that the server said before it closed it. */
function open(port: number): { write(bytes: string): void; heard: Promise<string> } {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8')
  const heard = new Promise<string>((resolve, reject) => {
    let text = ''
    socket.on('data', (chunk: string) => (text += chunk))
    socket.on('error', reject)
    socket.on('close', () => resolve(text))
  })
  return { write: (bytes) => socket.write(bytes), heard }
}

function talk(port: number, bytes: string): Promise<string> {
  const connection = open(port)
  connection.write(bytes)
  return connection.heard
}
