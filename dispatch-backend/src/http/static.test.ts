import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { connect } from 'node:net'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { databases } from '../testing/databases.js'
import { dashboardSettings, describeDashboard } from '../dashboard.js'
import { staticProblem } from './static.js'
import { openTestApi, type TestApi } from './testing/test-api.js'

let outside: string
let folder: string
let api: TestApi
let port: number

const SCRIPT = 'console.log("hello")'

beforeAll(async () => {
  outside = mkdtempSync(join(tmpdir(), 'dispatch-static-'))
  folder = join(outside, 'dist')
  mkdirSync(join(folder, 'assets'), { recursive: true })
  writeFileSync(join(outside, 'secret.txt'), 'secret')
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Dispatch</title>')
  writeFileSync(join(folder, '.build.json'), '{"apiUrl":"https://api.example.com"}')
  writeFileSync(join(folder, 'assets', 'index-1a2b3c.js'), SCRIPT)
  writeFileSync(join(folder, 'assets', 'index-1a2b3c.js.gz'), gzipSync(SCRIPT))
  api = await openTestApi(databases[0]!, { staticFolder: folder })
  await api.app.listen({ host: '127.0.0.1', port: 0 })
  port = (api.app.server.address() as { port: number }).port
})

afterAll(async () => {
  await api.close()
  rmSync(outside, { recursive: true })
})

test.each(['//', '//jobs', '//projects/0199', '//reset-password?token=abc'])('%s is the page', async (path) => {
  const answer = await api.call({ path })
  expect(answer.status).toBe(200)
  expect(answer.text).toContain('<title>Dispatch</title>')
  expect(answer.headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  })
  const head = await api.call({ path, method: 'HEAD' })
  expect([head.status, head.text]).toEqual([200, ''])
})

test('the policy takes files of ours only, and the API that the dashboard was built for', async () => {
  const policy = String((await api.call({ path: '//' })).headers['content-security-policy'])
  expect(policy.split('; ')).toEqual([
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self' https://api.example.com",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'self'",
  ])
})

test('assets are kept for ever, and go out compressed', async () => {
  const plain = await api.call({ path: '//assets/index-1a2b3c.js' })
  expect(plain.text).toBe(SCRIPT)
  expect(plain.headers).toMatchObject({
    'content-type': 'application/javascript; charset=utf-8',
    'cache-control': 'public, max-age=31536000, immutable',
    vary: 'accept-encoding',
  })
  const packed = await api.call({ path: '//assets/index-1a2b3c.js', headers: { 'accept-encoding': 'gzip' } })
  expect(packed.headers['content-encoding']).toBe('gzip')
  expect(packed.headers['content-type']).toBe(plain.headers['content-type'])
})

test.each([
  '//assets/index-gone.js',
  '//assets/',
  '//assets',
  '//favicon.ico',
  '//.build.json',
  '//.env',
  '//api',
  '//api/v2/jobs',
  '//api/v1/nothing',
  '//metrics',
  '//%2e%2e/secret.txt',
  '//assets/..%2f..%2fsecret.txt',
  '//assets/%5c..%5c..%5csecret.txt',
  '//assets/x%00.js',
  '//%252e%252e/secret.txt',
  '//assets/%252e%252e/%252e%252e/secret.txt',
  '//%252ebuild.json',
  '//assets/%25zz.js',
  '//assets/%2525.js',
])('%s is not there, and nobody keeps that answer', async (path) => {
  const answer = await api.call({ path })
  expect([answer.status, answer.headers['x-error-code']]).toEqual([404, 'NOT_FOUND'])
  expect(answer.headers['cache-control']).toBe('no-store')
})

test('a path that no client would normalise leads nowhere', async () => {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.end('GET /../secret.txt HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n')
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 404 /)
})

test('another method is a 404 of the API', async () => {
  expect((await api.call({ method: 'POST', path: '//jobs', body: {} })).status).toBe(404)
})

test.each(['', '{', 'null', '{}', '{"apiUrl":1}', '{"apiUrl":"javascript:alert(1)"}', '{"apiUrl":"; script-src *"}'])(
  'a description of the build such as %j is named in words, and the server starts without the dashboard',
  (content) => {
    const broken = mkdtempSync(join(outside, 'broken-'))
    writeFileSync(join(broken, 'index.html'), '')
    writeFileSync(join(broken, '.build.json'), content)
    expect(staticProblem(broken)).toBe(
      `${join(broken, '.build.json')} does not say which API the dashboard was built for. ` +
        'Run npm run build, or set STATIC_DIR to the built dashboard (empty = none)',
    )
    expect(dashboardSettings({ staticFolder: broken })).toEqual({})
  },
)

test('a folder without a page is named in words, and the server starts without it', async () => {
  expect(staticProblem(folder)).toBeNull()
  const missing = join(outside, 'nowhere')
  expect(describeDashboard('http://localhost:4000', { staticFolder: missing })).toEqual({
    description: `none: ${missing} holds no index.html. Run npm run build, or set STATIC_DIR to the built dashboard (empty = none)`,
    isServed: false,
  })
  expect(describeDashboard('http://localhost:4000', { staticFolder: null })).toEqual({
    description: 'none (STATIC_DIR is empty)',
    isServed: false,
  })
  const bare = await openTestApi(databases[0]!)
  expect((await bare.call({ path: '//jobs' })).status).toBe(404)
  await bare.close()
})
