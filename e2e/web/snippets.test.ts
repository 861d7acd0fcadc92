/** The code shown beside the form of a new job, run as it stands, against a real server: what it stores is what was typed. */
import { execFile, spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { snippets, type SnippetJob } from '../../dispatch-web/src/features/jobs/snippets.js'
import { request, signUp, type Project } from '../client.js'
import { makeFolder, removeFolder, startServerProcess, type ServerProcess } from '../server-process.js'

const exec = promisify(execFile)
const hasGo = spawnSync('go', ['version']).status === 0

let folder: string
let server: ServerProcess
let project: Project

beforeAll(async () => {
  folder = await makeFolder()
  server = await startServerProcess(folder, { ALLOW_PRIVATE_WEBHOOKS: 'true' })
  project = await signUp(server.url)
})

afterAll(async () => {
  server.signal('SIGTERM')
  await server.ended()
  await removeFolder(folder)
})

const PAYLOADS = {
  plain: '{"userId": "usr_812", "plan": "pro"}',
  quotes: `{"a": "it's \\"so\\"", "b": "'''", "c": "\\"\\"\\"", "d": "' \\\\' \\\\"}`,
  shell: '{"a": "$HOME `id` $(id) !! ${x} %s \\\\n #{x} ; | & > <", "@b": "{{x}} {x}"}',
  lines: '{\n  "a": 1,\r\n\t"b": "x\\ny\\r\\t\\u0001"\n}',
  unicode: '{"é": "ü 漢字 😀 \u2028\u2029 \u00a0", "b": "\\ud83d\\ude00 \\u00e9"}',
  numbers: '{"n": 12345678901234567890, "f": 1.0, "e": 1E400, "z": -0, "n": 1e-7}',
  backticks: '{"a": "`", "b": "``` ` \\\\`"}',
} as const

const IDEMPOTENCY_KEY = `it's-"$HOME"-\`id\`-\\n`

const TITLE = `It's "$HOME" \`id\` \\n 😀`
const WEBHOOK_URL = `http://127.0.0.1:9/hook?a={b}&c=[1-3]&d='$x'`

function jobOf(payload: string, idempotencyKey = IDEMPOTENCY_KEY): SnippetJob {
  const around = JSON.stringify({ title: TITLE, webhookUrl: WEBHOOK_URL, fireAt: '2100-01-01T00:00:00.000Z' })
  return { bodyText: `${around.slice(0, -1)},"payload":${payload}}`, idempotencyKey }
}

/** Runs the code in `language`; answers what it printed. */
async function run(language: 'curl' | 'node' | 'python' | 'go', code: string, key = project.key): Promise<string> {
  const file = join(folder, { curl: 'job.sh', node: 'job.mjs', python: 'job.py', go: 'job.go' }[language])
  await writeFile(file, code)
  const env = { ...process.env, DISPATCH_API_KEY: key }
  const [program, ...args] = { curl: ['sh'], node: [process.execPath], python: ['python3'], go: ['go', 'run'] }[
    language
  ]
  return (await exec(program!, [...args, file], { env })).stdout
}

async function stored(
  printed: string,
): Promise<{ title: string; webhookUrl: string; payloadText: string; id: string }> {
  const id = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(printed)?.[0] ?? ''
  const headers = { authorization: `Bearer ${project.token}` }
  const url = `${server.url}/api/v1/jobs/${id}`
  return (
    await request<{ title: string; webhookUrl: string; payloadText: string; id: string }>('GET', url, { headers })
  ).data
}

test.each(Object.entries(PAYLOADS))('curl, Node and Python store what was typed: %s', async (name, payload) => {
  const job = jobOf(payload, `${IDEMPOTENCY_KEY}-${name}`)
  const code = snippets(job, server.url)
  const ids = new Set<string>()
  for (const language of ['curl', 'node', 'python'] as const) {
    const { id, title, webhookUrl, payloadText } = await stored(await run(language, code[language]))
    expect([language, title, payloadText]).toEqual([language, TITLE, payload])
    expect(decodeURI(webhookUrl)).toBe(decodeURI(WEBHOOK_URL))
    ids.add(id)
  }
  // One key, one body: one job.
  expect(ids.size).toBe(1)
})

// Go's compiler is large; where it is not installed its code is held by the unit test of its quoting.
test.skipIf(!hasGo).each(Object.entries(PAYLOADS))('Go stores what was typed: %s', async (name, payload) => {
  const job = jobOf(payload, `go-${name}`)
  const { payloadText, title } = await stored(await run('go', snippets(job, server.url).go))
  expect([title, payloadText]).toEqual([TITLE, payload])
})

test('a refused call ends with the reason', async () => {
  const code = snippets(jobOf('{}'), server.url)
  for (const language of ['curl', 'node', 'python'] as const) {
    const failure: unknown = await run(language, code[language], 'sk_wrong').catch((error: unknown) => error)
    const { stdout, stderr } = failure as { stdout: string; stderr: string }
    expect(stdout + stderr, language).toMatch(/API key/i)
  }
})
