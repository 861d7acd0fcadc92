/** docs/prompts: an agent believes them to the letter, so every name in them has to be ours. */
import { execFile } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { createJobBody, jobStatus } from 'dispatch-contract'
import { beforeAll, describe, expect, test } from 'vitest'
import { SETTINGS } from '../../dispatch-backend/src/config/table.js'
import { deliveryBody, deliveryHeaders } from '../../dispatch-backend/src/delivery/delivery-request.js'
import { signatureHeaders } from '../../dispatch-backend/src/delivery/signature.js'
import { ERRORS } from '../../dispatch-backend/src/errors.js'
import { renderDocument } from '../../dispatch-backend/src/http/openapi/document.js'
import { METRICS } from '../../dispatch-backend/src/metrics/table.js'
import { ensureBuilt } from '../../scripts/compile.mjs'
import { ROOT } from '../../scripts/ensure.mjs'
import { withLock } from '../../scripts/lock.mjs'

const read = (name: string): Promise<string> => readFile(`${ROOT}docs/prompts/${name}.md`, 'utf8')
const prompts = { integrate: await read('integrate'), 'self-host': await read('self-host') }
const all = Object.values(prompts).join('\n')
const matches = (pattern: RegExp, text = all): string[] => [...text.matchAll(pattern)].map(([, name = '']) => name)
const settings = new Set<string>(Object.values(SETTINGS).map(({ name }) => name))

beforeAll(() => withLock(`${ROOT}.cache/ensure.lock`, () => ensureBuilt(ROOT)))

test('settings and error codes', () => {
  /** The reader's own setting, and one of PM2's file. */
  const others = new Set(['DISPATCH_SIGNING_SECRET', 'API_PROCESSES'])
  const names = matches(/\b([A-Z]+(?:_[A-Z0-9]+)+)\b/g)
  const unknown = names.filter((name) => !settings.has(name) && !(name in ERRORS) && !others.has(name))
  expect(unknown).toEqual([])
  expect(new Set(names).size).toBeGreaterThan(20)
})

test('states', () => {
  const { integrate } = prompts
  const listed = /States are ([^.]*)\./.exec(integrate)?.[1] ?? ''
  expect(matches(/`([A-Z]+)`/g, listed)).toEqual(jobStatus.options)
  const words = new Set(matches(/`([A-Z]{4,})`/g))
  const others = ['HOST', 'WARNING', 'INFO', 'ECONNREFUSED', ...Object.keys(ERRORS)]
  expect([...words].filter((word) => ![...jobStatus.options, ...others].includes(word))).toEqual([])
})

test('routes', () => {
  const { paths } = renderDocument()
  const asked = [...all.matchAll(/\b(GET|POST|PUT|DELETE) (\/api\/v1[^\s`?]*)/g)]
  for (const [, method = '', path = ''] of asked) {
    expect(paths[path.replace(/:(\w+)/g, '{$1}')], `${method} ${path}`).toHaveProperty(method.toLowerCase())
  }
  expect(asked.length).toBeGreaterThan(2)
  const addresses = matches(/http:\/\/localhost:4000(\/[\w./-]*\w)/g)
  const pages = new Set(['/docs/using.md', '/projects', '/healthz', '/readyz', '/api/v1/openapi.json'])
  expect(addresses.filter((path) => !pages.has(path) && !(path in paths))).toEqual([])
})

describe('a delivery', () => {
  const secret = /Secret `(whsec_[^`]+)`/.exec(prompts.integrate)?.[1] ?? ''
  const header = /`(t=\d+,v1=[0-9a-f]{64})`/.exec(prompts.integrate)?.[1] ?? ''
  const body = /^ *(\{"jobId":.*\})$/m.exec(prompts.integrate)?.[1] ?? ''
  const timestampSeconds = Number(/now = (\d+) seconds/.exec(prompts.integrate)?.[1])
  const job = { id: 'j', title: 't', payload: '{}', attempt: 1, dueAtMs: 0 }

  test('the vector is what Dispatch sends', () => {
    const { jobId, ...rest } = JSON.parse(body) as { jobId: string; firedAt: string; title: string; payload: object }
    const payload = JSON.stringify(rest.payload)
    const sent = deliveryBody({ ...job, id: jobId, title: rest.title, payload }, Date.parse(rest.firedAt))
    expect(sent.toString()).toBe(body)
    const signed = signatureHeaders({ jobId, body: sent, timestampSeconds, secrets: [secret] })
    expect(signed['x-dispatch-signature']).toBe(header)
    // As the prompt words it, without our own code.
    const hex = createHmac('sha256', secret).update(`${timestampSeconds}.${body}`).digest('hex')
    expect(header).toBe(`t=${timestampSeconds},v1=${hex}`)
  })

  test('headers and members', () => {
    const signed = signatureHeaders({ jobId: 'j', body: Buffer.from(''), timestampSeconds, secrets: [secret] })
    const ours = new Set([...Object.keys(deliveryHeaders(job, '')), ...Object.keys(signed)])
    const asked = new Set(['x-api-key', 'x-error-code'])
    const named = matches(/`((?:x|webhook)-[a-z-]+)`/g)
    expect(named.filter((name) => !ours.has(name) && !asked.has(name))).toEqual([])
    expect(named.length).toBeGreaterThan(8)
    const [request, delivered] = [...prompts.integrate.matchAll(/^```json\n([^]*?)^```$/gm)].map(([, json = '']) =>
      Object.keys(JSON.parse(json) as object),
    )
    expect(request).toEqual(expect.arrayContaining(Object.keys(createJobBody.shape)))
    expect(delivered).toEqual(Object.keys(JSON.parse(deliveryBody(job, 0).toString()) as object))
  })
})

test('numbers that are defaults', () => {
  const valid = { webhookUrl: 'https://a.example.com', fireAt: '2031-06-13T09:30:00Z' }
  expect(createJobBody.safeParse({ ...valid, title: 'x'.repeat(191) }).success).toBe(true)
  expect(createJobBody.safeParse({ ...valid, title: 'x'.repeat(192) }).success).toBe(false)
  const defaults = [SETTINGS.deliveryTimeoutMs, SETTINGS.retryDelaysMs, SETTINGS.maxAttempts, SETTINGS.maxBodyBytes]
  expect(defaults.map((row) => row.default)).toEqual(['30s', '30s,1m,5m', '3', '1MiB'])
})

test('files and metrics', () => {
  const files = matches(/\b(deploy\/[\w.-]+\w|docs\/[\w./-]+\.md|CHANGELOG\.md|ecosystem\.config\.js|\.env\.example)/g)
  expect(files.filter((file) => !file.startsWith('docs/using.md') && !existsSync(ROOT + file))).toEqual([])
  const metrics = Object.values(METRICS).map(({ name }) => name)
  const named = matches(/\b(dispatch_[a-z_]+)\b/g)
  expect(named.filter((name) => !metrics.includes(name))).toEqual([])
  expect(named).not.toEqual([])
})

test('commands', async () => {
  const commands = new Set(matches(/\bnpx (dispatch [a-z-]+(?: [a-z-]+)?(?: --[a-z-]+)*)/g))
  expect([...commands].sort()).toEqual([
    'dispatch config',
    'dispatch key create',
    'dispatch migrate',
    'dispatch migrate --status',
    'dispatch user create',
  ])
  const usages = [...commands].map(async (command) => {
    const words = command.split(' ').slice(1)
    const { stdout } = await promisify(execFile)(process.execPath, [`${ROOT}bin/dispatch.mjs`, ...words, '--help'])
    expect(stdout).toContain(`Usage: ${command.replace(/ --.*/, '')} `)
  })
  await Promise.all(usages)
})
