/** A project's echo: told, asked, and what it keeps of what comes. */
import { createHash } from 'node:crypto'
import { echo as echoSchema, echoRequest, echoRequestItem, type EchoRequest } from 'dispatch-contract'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { signatureHeaders } from '../delivery/signature.js'
import { databases } from '../testing/databases.js'
import {
  type Account,
  type Answer,
  type Call,
  openTestApi,
  type TestApi,
  type TestProject,
} from './testing/test-api.js'

const JOB_ID = '3f6c2b8e-7a41-4c9d-9b21-d5a0c3e8f612'

describe.each(databases)('the echo on $name', (database) => {
  let api: TestApi
  let account: Account
  let project: TestProject
  beforeAll(async () => {
    api = await openTestApi(database)
    account = await api.signUp()
  })
  afterAll(() => api.close())
  beforeEach(async () => {
    project = await api.project(account)
  })

  const manage = (method: 'GET' | 'PUT' | 'POST' | 'DELETE', rest = '', body?: unknown): Promise<Answer> =>
    api.call({ method, path: `/projects/${project.id}/echo${rest}`, token: account.token, body })
  /** Enables the echo; answers its path. */
  async function tell(told: object = {}): Promise<string> {
    const answer = await manage('PUT', '', { enabled: true, ...told })
    expect(answer.status, answer.text).toBe(200)
    return `/${new URL(String(answer.json.data.url)).pathname}`
  }
  const send = (path: string, call: Partial<Call> = {}): Promise<Answer> => api.call({ method: 'POST', ...call, path })
  async function latest(): Promise<EchoRequest> {
    const [item] = echoRequestItem
      .strict()
      .array()
      .parse((await manage('GET', '/requests')).json.data)
    const whole = echoRequest.strict().parse((await manage('GET', `/requests/${item!.id}`)).json.data)
    expect(whole).toMatchObject(item!)
    return whole
  }

  it('is off until it is enabled, and off again it keeps its address', async () => {
    const before = echoSchema.strict().parse((await manage('GET')).json.data)
    expect(before).toMatchObject({ enabled: false, url: null, answer: { status: 200, delayMs: 0 } })
    expect((await manage('POST', '/rotate')).status).toBe(404)
    const path = await tell()
    const { url } = echoSchema.strict().parse((await manage('GET')).json.data)
    expect(url).toMatch(/^https:\/\/dispatch\.example\.com\/api\/v1\/echo\/[\w-]{43}$/)
    expect((await send(path)).text).toBe('{"received":true}')
    expect((await manage('PUT', '', { enabled: false })).json.data).toMatchObject({ enabled: false, url })
    expect((await send(path)).status).toBe(404)
    expect(await tell()).toBe(path)
    expect((await send(path)).status).toBe(200)
  })

  it('has a token that nobody finds in the database', async () => {
    const token = (await tell()).split('/').at(-1)!
    const stored = JSON.stringify(await api.store.getEcho(project.id))
    expect(stored).not.toContain(token)
    expect(stored).toContain(createHash('sha256').update(token).digest('hex'))
  })

  it('answers as it is told, whatever the method, with nothing that a browser would render', async () => {
    const body = '<script>alert(1)</script>\r\nset-cookie: a=b\r\n\r\nä☂'
    const path = await tell({ status: 418, body, contentType: 'text/plain' })
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const) {
      const answer = await send(path, { method })
      expect([answer.status, answer.text]).toEqual([418, body])
      expect(answer.headers).toMatchObject({
        'content-type': 'text/plain; charset=utf-8',
        'x-content-type-options': 'nosniff',
        'cache-control': 'no-store',
        'content-security-policy': expect.stringMatching(/^sandbox; default-src 'none'/) as string,
      })
      expect(answer.headers).not.toHaveProperty('set-cookie')
    }
    expect((await send(path, { method: 'HEAD' })).text).toBe('')
    const methods = echoRequestItem
      .array()
      .parse((await manage('GET', '/requests')).json.data)
      .map(({ method }) => method)
    expect(methods).toEqual(['HEAD', 'DELETE', 'PATCH', 'PUT', 'POST', 'GET'])
    await tell({ status: 204 })
    expect((await send(path)).text).toBe('')
  })

  it('takes status and delay from the query, for that one request', async () => {
    const path = await tell({ status: 500, delayMs: 30_000 })
    const startedMs = performance.now()
    const answer = await send(`${path}?status=202&delayMs=60&other=%00<b>`)
    expect(answer.status).toBe(202)
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(59)
    const asked = { answeredStatus: 202, answeredAfterMs: 60, query: '?status=202&delayMs=60&other=%00%3Cb%3E' }
    expect(await latest()).toMatchObject(asked)
    for (const query of ['status=199', 'status=600', 'status=2e2', 'delayMs=30001', 'delayMs=-1', 'delayMs=']) {
      const refused = await send(`${path}?${query}`)
      expect([refused.status, refused.headers['x-error-code']], query).toEqual([400, 'VALIDATION'])
    }
  })

  it.each([
    [{ status: 199 }, 'status: expected a whole number from 200 to 599, got 199'],
    [{ status: 101 }, 'got 101'],
    [{ delayMs: 30_001 }, 'delayMs: expected a whole number from 0 to 30000, got 30001'],
    [{ contentType: 'text/html' }, 'contentType: expected text/plain or application/json, got "text/html"'],
    [{ contentType: 'text/plain\r\nset-cookie: a=b' }, 'contentType: expected text/plain or application/json'],
    [{ body: 'ä'.repeat(32_769) }, 'body: expected a text of at most 65536 bytes in UTF-8'],
    [{ body: 'a\0' }, 'without NUL'],
    [{ enabled: 'yes' }, 'enabled: expected true or false'],
  ])('refuses to be told %j', async (told, words) => {
    const answer = await manage('PUT', '', told)
    expect([answer.status, answer.headers['x-error-code']]).toEqual([400, 'VALIDATION'])
    expect(answer.json.message).toContain(words)
  })

  it('is told as much as it can hold', async () => {
    const body = '\u0001'.repeat(65_536)
    const path = await tell({ body, contentType: 'text/plain' })
    expect((await send(path)).text).toBe(body)
  })

  it('keeps a delivery with its headers, its body and a check of both signatures', async () => {
    const path = await tell()
    const { secret } = (await manage('GET', '/../signing-secret')).json.data
    const body = '{"jobId":"x","payload":{"n":12345678901234567890}}'
    const deliver = async (change: { skewSeconds?: number; secret?: string; body?: string; drop?: string } = {}) => {
      const timestampSeconds = Math.floor(api.clock.wallMs() / 1000) + (change.skewSeconds ?? 0)
      const secrets = [change.secret ?? secret]
      const signed = signatureHeaders({ jobId: JOB_ID, body: Buffer.from(body), timestampSeconds, secrets })
      const headers = Object.entries({
        ...signed,
        'x-dispatch-attempt': '3',
        authorization: 'Bearer hush',
        cookie: 'a=b',
      })
      await send(path, {
        body: change.body ?? body,
        headers: Object.fromEntries(headers.filter(([name]) => name !== change.drop)),
      })
      return latest()
    }

    const right = await deliver()
    expect(right).toMatchObject({
      ...{ method: 'POST', jobId: JOB_ID, attempt: 3, verdict: 'valid', ipAddress: '127.0.0.1' },
      ...{ body, bodyEncoding: 'utf-8', bodyBytes: body.length, bodyTruncated: false },
    })
    expect(right.headers).toContainEqual({ name: 'content-type', value: 'application/json' })
    expect(right.headers).toContainEqual({ name: 'authorization', value: '(not kept: 11 characters)' })
    expect(JSON.stringify(right)).not.toContain('a=b')
    expect(right.signatures.map(({ verdict }) => verdict)).toEqual(['valid', 'valid'])

    const changed = await deliver({ body: `${body} ` })
    expect([changed.verdict, changed.signatures[0]!.words]).toEqual([
      'invalid',
      expect.stringContaining('the body was changed on its way'),
    ])
    expect((await deliver({ secret: 'whsec_c29tZWJvZHkgZWxzZQ==' })).signatures.map(({ verdict }) => verdict)).toEqual([
      'invalid',
      'invalid',
    ])
    const late = await deliver({ skewSeconds: -301 })
    expect([late.verdict, late.signatures[1]!.words]).toEqual(['stale', expect.stringMatching(/30\d s ago/)])
    expect((await deliver({ skewSeconds: 400 })).signatures[0]!.words).toContain('s in the future')
    const without = await deliver({ drop: 'webhook-timestamp' })
    expect(without.signatures.map(({ verdict }) => verdict)).toEqual(['invalid', 'valid'])
    expect(without.signatures[0]!.words).toContain('webhook-timestamp is missing')
    expect((await deliver({ drop: 'webhook-signature' })).verdict).toBe('valid')

    await manage('POST', '/../signing-secret/rotate')
    expect((await deliver()).signatures[0]!.words).toContain('with an earlier secret, which ends at 20')
  })

  it('says that nothing is signed, and cannot be misled by signatures that are none', async () => {
    const path = await tell()
    await send(path, { body: 'no JSON at all', headers: { 'content-type': 'text/x-anything' } })
    const plain = await latest()
    expect(plain).toMatchObject({ verdict: 'unsigned', body: 'no JSON at all', jobId: null, attempt: null })
    expect(plain.signatures[1]!.words).toContain('it was not sent by Dispatch')
    for (const header of ['', 'v1,', `v1,${'A'.repeat(6_000)}`, 'v1,QQ== '.repeat(700), 't=1,v1=zz', 't=x,v1=00']) {
      const forged = { 'webhook-signature': header, 'x-dispatch-signature': header }
      await send(path, { headers: { ...forged, 'webhook-id': '../x', 'webhook-timestamp': '1' } })
      expect(await latest()).toMatchObject({ verdict: 'invalid', jobId: null })
    }
  })

  it('keeps 64 KiB of a body and says so, checks all of it, and refuses what no delivery can be', async () => {
    const path = await tell()
    const { secret } = (await manage('GET', '/../signing-secret')).json.data
    const body = Buffer.from(`x${'ä'.repeat(100_000)}`)
    const timestampSeconds = Math.floor(api.clock.wallMs() / 1000)
    const headers = signatureHeaders({ jobId: JOB_ID, body, timestampSeconds, secrets: [secret] })
    await send(path, { body, headers })
    const kept = await latest()
    expect(kept).toMatchObject({ bodyBytes: body.length, bodyTruncated: true, verdict: 'valid', bodyEncoding: 'utf-8' })
    // Not half of a character at the end.
    expect(kept.body).toBe(`x${'ä'.repeat(32_767)}`)
    const tooLarge = await send(path, { body: Buffer.alloc(1_100_000) })
    expect([tooLarge.status, tooLarge.headers['x-error-code']]).toEqual([413, 'BODY_TOO_LARGE'])
    expect(tooLarge.headers.connection).toBe('close')
    expect(await latest()).toEqual(kept)
  })

  it('keeps bytes that are no text in base64', async () => {
    const path = await tell()
    for (const bytes of [Buffer.from([0xff, 0x00, 0x80]), Buffer.from('a\0b'), Buffer.from('c328', 'hex')]) {
      await send(path, { body: bytes })
      const { body, bodyEncoding } = await latest()
      expect([bodyEncoding, Buffer.from(body, 'base64')]).toEqual(['base64', bytes])
    }
  })

  it('keeps the newest fifty, and forgets them when asked to', async () => {
    const path = await tell()
    for (let n = 0; n < 53; n++) await send(`${path}?n=${n}`)
    const list = echoRequestItem.array().parse((await manage('GET', '/requests')).json.data)
    expect(list.map(({ query }) => query)).toEqual(Array.from({ length: 50 }, (_, n) => `?n=${52 - n}`))
    expect((await manage('DELETE', '/requests')).json.data).toBeNull()
    expect((await manage('GET', '/requests')).json.data).toEqual([])
    expect((await manage('GET', `/requests/${list[0]!.id}`)).status).toBe(404)
  })

  it('moves to another address at once', async () => {
    const path = await tell()
    const { url } = (await manage('POST', '/rotate')).json.data
    const next = `/${new URL(String(url)).pathname}`
    expect(next).not.toBe(path)
    expect([(await send(path)).status, (await send(next)).status]).toEqual([404, 200])
  })

  it('is announced to those who look on', async () => {
    const heard: (string | undefined)[] = []
    api.events.on('echoChanged', ({ projectId, requestId }) => projectId === project.id && heard.push(requestId))
    const path = await tell()
    await send(path)
    await manage('DELETE', '/requests')
    expect(heard).toEqual([undefined, expect.stringMatching(/^[0-9a-f-]{36}$/), undefined])
  })
})
