/** `dispatch jobs …` as a person or a script runs it, against the real server. */
import { spawn } from 'node:child_process'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jobsCommand } from '../../dispatch-backend/src/cli/jobs/jobs.js'
import { systemClock } from '../../dispatch-backend/src/clock.js'
import { startReceiver, type Receiver } from '../../dispatch-backend/src/testing/receiver.js'
import { ensureBuilt } from '../../scripts/compile.mjs'
import { ROOT } from '../../scripts/ensure.mjs'
import { withLock } from '../../scripts/lock.mjs'
import { signUp } from '../client.js'
import { makeFolder, removeFolder, startServerProcess, type ServerProcess } from '../server-process.js'

let folder: string
let server: ServerProcess
let receiver: Receiver
let key: string

beforeAll(async () => {
  await withLock(`${ROOT}.cache/ensure.lock`, () => ensureBuilt(ROOT))
  folder = await makeFolder()
  receiver = await startReceiver()
  server = await startServerProcess(folder, {
    ALLOW_PRIVATE_WEBHOOKS: 'true',
    RETRY_DELAYS: '300ms',
    MAX_ATTEMPTS: '2',
  })
  key = (await signUp(server.url)).key
})

afterAll(async () => {
  server.signal('SIGTERM')
  expect(await server.ended()).toBe(0)
  await receiver.close()
  await removeFolder(folder)
})

interface Outcome {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** The command within this process: a process of its own for each would take most of the test's time. */
async function jobs(args: readonly string[], { env = {}, stdin = '' } = {}): Promise<Outcome> {
  const [out, err]: [string[], string[]] = [[], []]
  let code = 0
  const command = jobsCommand({
    print: (line) => out.push(`${line}\n`),
    printError: (line) => err.push(`${line}\n`),
    clock: systemClock,
    stdin: Readable.from([Buffer.from(stdin)]),
    stdout: new PassThrough().on('data', (chunk: Buffer) => out.push(String(chunk))),
    paint: (_status, word) => word,
    setExitCode: (exitCode) => (code = exitCode),
    input: { env: { DISPATCH_URL: server.url, DISPATCH_API_KEY: key, ...env }, files: [] },
  })
  await command.parseAsync([...args], { from: 'user' })
  return { code, out: out.join(''), err: err.join('') }
}

/** What `bin/dispatch.mjs` does once everything is built, in a process of its own. */
const BIN = `${ROOT}bin/dispatch.mjs`
const RUN = `const { runCli } = await import(${JSON.stringify(`${ROOT}dispatch-backend/dist/cli/cli.js`)}); await runCli(process.argv)`

async function jobsProcess(args: readonly string[], stdin: string): Promise<Outcome> {
  const { PATH = '' } = process.env
  const env = { PATH, DISPATCH_URL: server.url, DISPATCH_API_KEY: key }
  const child = spawn(process.execPath, ['--input-type=module', '--eval', RUN, BIN, 'jobs', ...args], {
    cwd: folder,
    env,
  })
  child.stdin.end(stdin)
  const code = new Promise<number | null>((resolve) => child.once('close', resolve))
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { code: await code, out, err }
}

async function json<Value>(args: readonly string[]): Promise<Value> {
  const { code, out, err } = await jobs([...args, '--json'])
  expect(err).toBe('')
  expect(code).toBe(0)
  return JSON.parse(out) as Value
}

interface Made {
  readonly id: string
  readonly payloadText: string
}

const create = (...more: string[]): string[] => ['create', '--title', 'hello', '--url', `${receiver.url}/hook`, ...more]

test('create, watch and get: from the command to the delivery', async () => {
  const payload = '{ "big": 12345678901234567890 }'
  const { id, payloadText } = await json<Made>(create('--in', '3s', '--payload', payload))
  expect(payloadText).toBe(payload)
  const watched = await jobs(['watch', id])
  expect(watched).toMatchObject({ code: 0, err: '' })
  const lines = watched.out.trimEnd().split('\n')
  expect(lines[0]).toMatch(/^SCHEDULED {2}due \d{4}-\S+Z$/)
  expect(lines).toContainEqual(
    expect.stringMatching(/^attempt 1 {2}SUCCESS {2}\d{4}-\S+Z {2}200 in [\d.]+ ms, [\d.]+ ms late$/),
  )
  expect(lines.at(-1)).toBe('SUCCESS')
  const [request] = await receiver.waitFor(1)
  expect(request?.rawBody.toString()).toContain(`"payload":${payload},`)
  const shown = await jobs(['get', id])
  expect(shown.out).toContain(`id        ${id}\ntitle     hello\n`)
  expect(shown.out).toMatch(/\nattempt 1 {2}SUCCESS /)
  expect(await json(['get', id])).toMatchObject({ id, status: 'SUCCESS', logs: [{ attempt: 1 }] })
})

test('watch shows each attempt of a job that dies, and says so by its exit code', async () => {
  receiver.respond(({ path }) => (path === '/broken' ? { status: 500, body: 'no\u001b[2J\n' } : {}))
  const { id } = await json<Made>(['create', '--title', 'x', '--url', `${receiver.url}/broken`, '--in', '3s'])
  const { code, out } = await jobs(['watch', id])
  expect(code).toBe(3)
  expect(out).toMatch(/attempt 1 {2}FAILED .* 500 in [^]*attempt 2 {2}FAILED .* 500 in [^]*\nDEAD\n$/)
  const shown = await jobs(['get', id])
  expect(shown.out).toContain(String.raw`answered  no\u{1b}[2J\u{a}`)
  expect(shown.out).not.toContain('\u001b')
})

test('a payload from standard input arrives as it was typed; --at takes an instant', async () => {
  const typed = '{"ü":\t1.0}'
  const { out, code } = await jobs(create('--at', '2031-06-13T09:30:00Z', '--payload-file', '-', '--json'), {
    stdin: typed,
  })
  expect(code).toBe(0)
  expect(JSON.parse(out)).toMatchObject({ fireAt: '2031-06-13T09:30:00.000Z', payloadText: '{"ü":\t1.0}' })
})

test('as a process: standard input, output and the exit code', async () => {
  const made = await jobsProcess(create('--in', '1h', '--payload-file', '-', '--json'), '{"n": 1.0}')
  expect(made).toMatchObject({ code: 0, err: '' })
  const { id, payloadText } = JSON.parse(made.out) as Made
  expect(payloadText).toBe('{"n": 1.0}')
  await jobs(['cancel', id])
  const watched = await jobsProcess(['watch', id], '')
  expect(watched).toEqual({ code: 3, out: 'CANCELLED\n', err: '' })
})

test('without a key it says how to get one', async () => {
  const { code, err } = await jobs(['list'], { env: { DISPATCH_API_KEY: '' } })
  expect(code).toBe(78)
  expect(err).toMatch(/DISPATCH_API_KEY is not set[^]*export DISPATCH_API_KEY=sk_/)
})

test('the same --idempotency-key schedules once', async () => {
  const once = create('--at', '2031-06-13T09:30:00Z', '--idempotency-key', 'order-1')
  expect((await json<Made>(once)).id).toBe((await json<Made>(once)).id)
})

test('list shows a table without colour, or a document on each line; cancel takes a job off', async () => {
  const title = 'forged\n\u202erow \u001b[31m'
  const { id } = await json<Made>(['create', '--title', title, '--url', `${receiver.url}/x`, '--in', '1h'])
  const { out } = await jobs(['list', '--status', 'SCHEDULED', '--limit', '1'])
  const [head, row, more] = out.split('\n')
  expect(head).toMatch(/^ID {36}STATUS +FIRE AT +TITLE$/)
  expect(row).toMatch(new RegExp(`^${id} {2}SCHEDULED  \\d{4}-\\S+Z  `))
  expect(row).toContain(String.raw`forged\u{a}\u{202e}row \u{1b}[31m`)
  expect(more).toMatch(/^… and \d+ more \(--all shows them\)$/)

  const all = await jobs(['list', '--all', '--json'])
  // eslint-disable-next-line no-control-regex -- no such byte may reach a terminal
  expect(all.out).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/)
  const listed = all.out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { id: string; title: string })
  expect(listed[0]).toMatchObject({ id, title })

  expect(await jobs(['cancel', id])).toEqual({ code: 0, out: `Cancelled ${id}.\n`, err: '' })
  const again = await jobs(['cancel', id])
  expect(again).toMatchObject({ code: 1, out: '' })
  expect(again.err).toMatch(/Only scheduled jobs can be cancelled \(400 JOB_NOT_CANCELLABLE\)[^]*--retrying/)
  expect(await jobs(['watch', id])).toEqual({ code: 3, out: 'CANCELLED\n', err: '' })
})

test.each<[string, string[], Record<string, string>, number, RegExp]>([
  ['no server', ['list'], { DISPATCH_URL: 'http://127.0.0.1:1' }, 69, /Cannot reach Dispatch at .*:1[^]*DISPATCH_URL/],
  ['a wrong key', ['list'], { DISPATCH_API_KEY: 'sk_wrong' }, 1, /API_KEY_INVALID[^]*DISPATCH_API_KEY holds the key/],
  ['a wrong setting', ['list'], { DISPATCH_URL: 'localhost' }, 78, /DISPATCH_URL: expected the http or https URL/],
  ['an unknown job', ['get', '3f6c2b8e-7a41-4c9d-9b21-d5a0c3e8f612'], {}, 1, /NOT_FOUND.*another project/],
  ['no time', ['create', '--title', 'x', '--url', 'http://x'], {}, 1, /--at .* --in 90s/],
  ['no duration', ['create', '--title', 'x', '--url', 'http://x', '--in', 'soon'], {}, 1, /--in: expected a duration/],
  [
    'no file',
    ['create', '--title', 'x', '--url', 'x', '--in', '1s', '--payload-file', 'none'],
    {},
    1,
    /file none: ENOENT/,
  ],
  [
    'no object',
    ['create', '--title', 'x', '--url', 'x', '--in', '1s', '--payload', '[1]'],
    {},
    1,
    /payloadText: expected/,
  ],
  [
    'the past',
    ['create', '--title', 'x', '--url', 'http://x', '--at', '2021-01-01T00:00:00Z'],
    {},
    1,
    /fireAt.*VALIDATION/,
  ],
  ['no number', ['list', '--limit', 'many'], {}, 1, /limit: expected a whole number from 1 to 100/],
])('%s is told in words, with its exit code', async (_what, args, env, code, words) => {
  const outcome = await jobs(args, { env })
  expect(outcome.err).toMatch(words)
  expect(outcome).toMatchObject({ code, out: args[0] === 'list' ? expect.any(String) : '' })
})
