/** `dispatch demo` as a person, a pipe or a script runs it. */
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { stripVTControlCharacters } from 'node:util'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ensureBuilt } from '../scripts/compile.mjs'
import { ROOT } from '../scripts/ensure.mjs'
import { withLock } from '../scripts/lock.mjs'
import { request, signUp, type Project } from './client.js'
import { makeFolder, removeFolder, startServerProcess, type ServerProcess } from './server-process.js'

/** What `bin/dispatch.mjs` does once everything is built. */
const RUN = `const { runCli } = await import(${JSON.stringify(`${ROOT}dispatch-backend/dist/cli/cli.js`)}); await runCli(process.argv)`
const COMMAND = ['--input-type=module', '--eval', RUN, `${ROOT}bin/dispatch.mjs`, 'demo']

let folder: string
const running: ChildProcess[] = []

beforeAll(() => withLock(`${ROOT}.cache/ensure.lock`, () => ensureBuilt(ROOT)))
beforeEach(async () => {
  folder = await makeFolder()
})
afterEach(async () => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
  await removeFolder(folder)
})

interface Demo {
  readonly child: ChildProcess
  readonly output: () => string
  readonly errors: () => string
  /** Resolves when it has printed what `pattern` matches; rejects when it ends before. */
  readonly printed: (pattern: RegExp) => Promise<void>
  /** Its exit code, once it has ended. */
  readonly ended: Promise<number | null>
}

/** `TMPDIR` is ours, so that what is left behind can be seen. */
function start(args: readonly string[], env: Record<string, string> = {}, program = process.execPath): Demo {
  const { PATH = '' } = process.env
  const child = spawn(program, args, { cwd: folder, env: { PATH, TMPDIR: folder, ...env } })
  running.push(child)
  let [output, errors] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk))
  const ended = once(child, 'close').then(([code]) => code as number | null)
  return {
    ...{ child, ended },
    output: () => output,
    errors: () => errors,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (pattern.test(output)) resolve()
        }
        child.stdout.on('data', look)
        child.once('close', () =>
          reject(new Error(`it ended without ${pattern.source}; it printed:\n${output}${errors}`)),
        )
        look()
      }),
  }
}

const demo = (args: readonly string[] = [], env: Record<string, string> = {}): Demo => start([...COMMAND, ...args], env)

test('in a pipe: each state of each job on a line, a summary, three commands; nothing is left', async () => {
  const { output, errors, ended } = demo()
  expect(await ended).toBe(0)
  expect(errors()).toBe('')
  const text = output()
  expect(stripVTControlCharacters(text)).toBe(text)
  expect(text).not.toContain('\r')
  for (const [title, words] of [
    ['Welcome mail', String.raw`SCHEDULED → FIRING → SUCCESS  [\d.]+ ms late`],
    ['Slow endpoint', String.raw`SCHEDULED → FIRING → SUCCESS  [\d.]+ ms late`],
    ['Fails once', String.raw`SCHEDULED → FIRING → FAILED → FIRING → SUCCESS  [\d.]+ ms late`],
    ['Always fails', 'SCHEDULED → FIRING → FAILED → FIRING → FAILED → FIRING → DEAD  after 3 attempts'],
    ['Cancelled in time', 'SCHEDULED → CANCELLED  never sent'],
    ['200 at one instant', String.raw`SCHEDULED 200  due in [\d.]+ s`],
    ['200 at one instant', String.raw`SUCCESS 200  p99 [\d.]+ ms late`],
  ] as const) {
    expect(text).toMatch(new RegExp(String.raw`^ +[\d.]+ s  ${title} +${words}$`, 'm'))
  }
  expect(text).toMatch(
    /\n {2}delivered {2}204 of 206 jobs\n {2}lateness {3}p50 [\d.]+ ms, p99 [\d.]+ ms, max [\d.]+ ms\n {2}early {6}none\n {2}failed {5}4 attempts, 3 retried; 1 job DEAD\n {2}cancelled {2}1, never sent\n/,
  )
  expect(text.split('Do it yourself:\n')[1]?.trimEnd().split('\n')).toHaveLength(3)
  expect(await readdir(folder)).toEqual([])
})

describe('on a terminal', () => {
  /** `script` gives it one. */
  const onTerminal = (env: Record<string, string>, size: string): Demo => {
    const words = [process.execPath, ...COMMAND].map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ')
    return start(['-qefc', `stty ${size}; exec ${words}`, '/dev/null'], env, 'script')
  }
  const frames = (text: string): string[] => text.split('\u001b[0J').slice(1)

  test('one picture is redrawn in place, in colour, and the cursor comes back', async () => {
    const { output, ended } = onTerminal({ TERM: 'xterm-256color' }, 'cols 80 rows 24')
    expect(await ended).toBe(0)
    const text = output()
    expect(text).toContain('\u001b[?25l')
    expect(text.lastIndexOf('\u001b[?25h')).toBeGreaterThan(text.lastIndexOf('\u001b[0J'))
    expect(text).toContain('\u001b[32mSUCCESS\u001b[39m')
    const pictures = frames(text).map((frame) => stripVTControlCharacters(frame).split('\r\n'))
    expect(pictures.length).toBeGreaterThan(10)
    for (const line of pictures.slice(0, -1).flat()) expect(line.length).toBeLessThanOrEqual(80)
    expect(pictures.at(-1)?.join('\n')).toMatch(/200 at one instant +SUCCESS 200 +p99/)
  })

  test('NO_COLOR is heeded; a narrow terminal shows the present state alone', async () => {
    const { output, ended } = onTerminal({ TERM: 'xterm-256color', NO_COLOR: '1' }, 'cols 44 rows 24')
    expect(await ended).toBe(0)
    expect(output()).not.toMatch(new RegExp(String.raw`\u001b\[\d+m`))
    const last = frames(output()).at(-1)?.split('\r\n') ?? []
    for (const line of last.slice(0, 9)) expect(stripVTControlCharacters(line).length).toBeLessThanOrEqual(44)
    expect(last.join('\n')).toMatch(/Welcome mail +SUCCESS +/)
  })

  test.each<[string, Record<string, string>, string]>([
    ['cannot move its cursor', { TERM: 'dumb' }, 'cols 80 rows 24'],
    ['is too low for the picture', { TERM: 'xterm' }, 'cols 80 rows 8'],
  ])('a terminal that %s gets lines', async (_what, env, size) => {
    const { output, printed, child, ended } = onTerminal(env, size)
    await printed(/Welcome mail +.*SCHEDULED.* due in/)
    expect(output()).not.toMatch(new RegExp(String.raw`\u001b\[(\d+A|0J|\?25l)`))
    child.kill('SIGTERM')
    await ended
  })
})

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s in the middle stops the server and removes its folder', async (signal, code) => {
  const { child, output, errors, printed, ended } = demo()
  await printed(/Welcome mail +SCHEDULED → FIRING/)
  expect(await readdir(folder)).toHaveLength(1)
  const url = /http:\/\/localhost:\d+/.exec(output())?.[0] ?? ''
  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  child.kill(signal)
  expect(await ended).toBe(code)
  expect(errors()).toBe('')
  expect(output()).toMatch(/Stopped\./)
  await expect(fetch(`${url}/healthz`)).rejects.toThrow()
  expect(await readdir(folder)).toEqual([])
})

test('a reader that goes away ends it, and nothing is left', async () => {
  const { child, printed, ended } = demo()
  await printed(/SCHEDULED 200/)
  child.stdout?.destroy()
  expect(await ended).not.toBeNull()
  expect(await readdir(folder)).toEqual([])
})

test('where no folder can be made it says so', async () => {
  const { errors, ended } = demo([], { TMPDIR: `${folder}/none` })
  expect(await ended).toBe(1)
  expect(errors()).toMatch(/Cannot make a folder in .*none .*Set TMPDIR/)
})

describe('with --server', () => {
  let server: ServerProcess
  let project: Project
  const startServer = async (settings: Record<string, string>): Promise<void> => {
    server = await startServerProcess(folder, settings)
    project = await signUp(server.url)
  }
  afterEach(async () => {
    server.signal('SIGTERM')
    expect(await server.ended()).toBe(0)
  })
  const jobsIn = async (status: string): Promise<number> => {
    const url = `${server.url}/api/v1/jobs?status=${status}`
    const { data } = await request<{ pagination: { total: number } }>('GET', url, {
      headers: { 'x-api-key': project.key },
    })
    return data.pagination.total
  }

  test('the jobs run there; a retry that is due later is called off, and nothing waits at the end', async () => {
    await startServer({ ALLOW_PRIVATE_WEBHOOKS: '127.0.0.0/8' })
    const { output, errors, ended } = demo(['--server', server.url, '--key', project.key])
    expect(await ended).toBe(0)
    expect(errors()).toBe('')
    expect(output()).toContain(`Dispatch demo on ${server.url}\n`)
    expect(output()).toMatch(/Always fails +SCHEDULED → FIRING → FAILED → CANCELLED {2}retry called off\n/)
    expect(output()).toMatch(/delivered {2}203 of 206 jobs[^]*cancelled {2}1, never sent; 2 between two attempts\n/)
    expect(output()).not.toContain(project.key)
    expect(await Promise.all(['SCHEDULED', 'FAILED', 'FIRING'].map(jobsIn))).toEqual([0, 0, 0])
    expect(await jobsIn('SUCCESS')).toBe(203)
  })

  test.each([
    ['has not fired', /Welcome mail +SCHEDULED/],
    ['waits for another attempt, and waits for what is under way', /Slow endpoint +SCHEDULED → FIRING/],
  ])('Ctrl-C takes off what %s', async (_what, moment) => {
    await startServer({ ALLOW_PRIVATE_WEBHOOKS: 'true' })
    const { child, printed, ended } = demo(['--server', server.url], { DISPATCH_API_KEY: project.key })
    await printed(moment)
    child.kill('SIGINT')
    expect(await ended).toBe(130)
    expect(await Promise.all(['SCHEDULED', 'FAILED', 'FIRING'].map(jobsIn))).toEqual([0, 0, 0])
    const [cancelled = 0, ...fired] = await Promise.all(['CANCELLED', 'SUCCESS', 'DEAD'].map(jobsIn))
    expect(cancelled).toBeGreaterThan(0)
    expect(fired.reduce((sum, count) => sum + count, cancelled)).toBe(206)
  })

  test('a server that refuses private addresses is named as that, with what to do', async () => {
    await startServer({})
    const { errors, ended } = demo(['--server', server.url, '--key', project.key])
    expect(await ended).toBe(1)
    expect(errors()).toMatch(
      /refuses webhooks to private addresses[^]*ALLOW_PRIVATE_WEBHOOKS=127\.0\.0\.0\/8[^]*leave --server out/,
    )
    expect(await jobsIn('SCHEDULED')).toBe(0)
  })

  test('a wrong key, and none', async () => {
    await startServer({})
    const wrong = demo(['--server', server.url, '--key', 'sk_wrong'])
    expect(await wrong.ended).toBe(1)
    expect(wrong.errors()).toMatch(/API_KEY_INVALID[^]*--key/)
    const none = demo(['--server', server.url])
    expect(await none.ended).toBe(1)
    expect(none.errors()).toMatch(/--server needs the API key of a project: --key sk_…, or DISPATCH_API_KEY/)
  })
})

test('a server that is not there, or is none, is told in words', async () => {
  const free = createServer().listen(0, '127.0.0.1')
  await once(free, 'listening')
  const { port } = free.address() as AddressInfo
  free.close()
  const away = demo(['--server', `http://127.0.0.1:${port}`, '--key', 'sk_x'])
  expect(await away.ended).toBe(69)
  expect(away.errors()).toMatch(/Cannot reach Dispatch at .*--server says where/s)
  const noUrl = demo(['--server', 'localhost', '--key', 'sk_x'])
  expect(await noUrl.ended).toBe(1)
  expect(noUrl.errors()).toMatch(/url: expected where the server is/)
  const alone = demo(['--key', 'sk_x'])
  expect(await alone.ended).toBe(1)
  expect(alone.errors()).toMatch(/say which with --server URL/)
})
