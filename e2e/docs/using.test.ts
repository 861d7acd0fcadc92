/** Everything in docs/using.md that can be run, is run: the commands in their order, the answers they show, the programs. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process'
import { createHmac, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startReceiver } from '../../dispatch-backend/src/testing/receiver.js'
import { freePort } from '../../dispatch-backend/src/testing/server-process.js'
import { ensureBuilt } from '../../scripts/compile.mjs'
import { ROOT } from '../../scripts/ensure.mjs'
import { withLock } from '../../scripts/lock.mjs'
import { request, signUp } from '../client.js'
import { makeFolder, removeFolder, startServerProcess, type ServerProcess } from '../server-process.js'
import { answerShownFor, blocksOf, fileBlock } from './blocks.js'
import { replaceAll, runBlocks } from './commands.js'
import { differences } from './shape.js'

/** Blocks that are marked, and why no test runs them. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  'ngrok http 5000': 'opens a tunnel through a service of somebody else',
}

const blocks = await blocksOf('using.md')
const SERVER = 'http://localhost:4000'
const RECEIVER = 'http://localhost:5000'

let folder: string
let server: ServerProcess
let key: string
let secret: string

beforeAll(async () => {
  await withLock(`${ROOT}.cache/ensure.lock`, () => ensureBuilt(ROOT))
  folder = await makeFolder()
  server = await startServerProcess(folder, { ALLOW_PRIVATE_WEBHOOKS: 'true' })
  // For the programs: the commands make an account of their own.
  const project = await signUp(server.url)
  key = project.key
  const url = `${server.url}/api/v1/projects/${project.id}/signing-secret`
  const answer = await request<{ secret: string }>('GET', url, {
    headers: { authorization: `Bearer ${project.token}` },
  })
  secret = answer.data.secret
})

afterAll(async () => {
  server.signal('SIGTERM')
  expect(await server.ended()).toBe(0)
  await removeFolder(folder)
})

test('every block is run by one of these tests, or says why not', () => {
  const others = blocks.filter(({ language, isElsewhere }) => !isElsewhere && !['sh', 'json'].includes(language))
  const files = others.flatMap(({ text }) => /^(?:\/\/|#) (\S+)\n/.exec(text)?.[1] ?? [])
  const names = LANGUAGES.flatMap(({ extension }) => [`receive.${extension}`, `schedule.${extension}`])
  expect(files.sort()).toEqual(names.sort())
  const pictures = others.filter(({ language }) => language === '')
  expect(pictures.map(({ text }) => text.split('\n')[0])).toEqual([expect.stringMatching(/^SCHEDULED ──► FIRING/)])
  expect(blocks.filter(({ isElsewhere }) => isElsewhere).map(({ text }) => text.trim())).toEqual(Object.keys(ELSEWHERE))
})

test('the commands, in their order, answer what the page shows', async () => {
  const receiver = await startReceiver({ respond: { body: '{"received":true}' } })
  const commands = blocks.filter(({ language, isElsewhere }) => language === 'sh' && !isElsewhere)
  const surroundings = {
    folder,
    env: { DATABASE_URL: `sqlite://${join(folder, 'dispatch.db')}`, DISPATCH_URL: server.url },
    replace: { [SERVER]: server.url, [RECEIVER]: receiver.url },
  }
  const ran = await runBlocks(commands, surroundings)
  const answers = ran.flatMap(({ block, output }) => {
    const shown = answerShownFor(block, blocks)
    return shown ? [{ shown, output }] : []
  })
  for (const { shown, output } of answers) {
    expect(differences(JSON.parse(shown.text), JSON.parse(output)), shown.place).toEqual([])
  }
  // Every answer but the delivery itself, which is compared below.
  expect(answers).toHaveLength(blocks.filter(({ language }) => language === 'json').length - 1)

  const watched = ran.find(({ block }) => block.text.includes('jobs watch'))
  expect(watched?.output).toMatch(/attempt 1 {2}SUCCESS .* 200 in [^]*\nSUCCESS\n$/)
  const [delivered] = await receiver.waitFor(1)
  const shown = blocks.find(
    ({ language, text }) => language === 'json' && text.includes('firedAt') && !text.includes('status'),
  )
  expect(differences(JSON.parse(shown?.text ?? ''), JSON.parse(delivered?.rawBody.toString() ?? ''))).toEqual([])
  const rotated = ran.find(({ block }) => block.text.includes('rotate'))
  expect(rotated?.output).toMatch(/^whsec_\S+\n$/)
  await receiver.close()
})

interface Language {
  readonly name: string
  readonly extension: string
  readonly program: string
  readonly args: readonly string[]
}

const LANGUAGES: readonly Language[] = [
  { name: 'Node', extension: 'mjs', program: process.execPath, args: [] },
  { name: 'Python', extension: 'py', program: 'python3', args: [] },
  { name: 'Go', extension: 'go', program: 'go', args: ['run'] },
]

function isInstalled(program: string): boolean {
  try {
    execFileSync('which', [program], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const running: ChildProcess[] = []
afterEach(() => {
  for (const { pid } of running.splice(0)) {
    try {
      process.kill(-pid!, 'SIGKILL')
    } catch {
      // The whole group has ended.
    }
  }
})

describe.each(LANGUAGES)('the programs in $name', ({ name, extension, program, args }) => {
  const missing = isInstalled(program) ? undefined : `${program} is not installed`

  test.skipIf(missing)(missing ?? `schedule a job, receive it once, and refuse what is forged`, async () => {
    const port = await freePort()
    const here = { [SERVER]: server.url, [RECEIVER]: `http://127.0.0.1:${port}`, 5000: String(port) }
    const write = async (file: string): Promise<string> => {
      const path = join(folder, file)
      await writeFile(path, replaceAll(fileBlock(blocks, file), here))
      return path
    }
    const start = async (file: string): Promise<ChildProcess> => {
      const env = { ...process.env, DISPATCH_URL: server.url, DISPATCH_API_KEY: key, DISPATCH_SIGNING_SECRET: secret }
      // A group of its own: `go run` starts the program as another process.
      const child = spawn(program, [...args, await write(file)], {
        cwd: folder,
        env,
        stdio: ['ignore', 'pipe', 'inherit'],
        detached: true,
      })
      running.push(child)
      return child
    }
    const receiver = await start(`receive.${extension}`)
    const lines = linesOf(receiver)
    await lines.seen(/^ready$/)

    const scheduler = await start(`schedule.${extension}`)
    const [id] = (await text(scheduler.stdout!)).trim().split('\n')
    expect(id).toMatch(/^[0-9a-f-]{36}$/)
    await lines.seen(/^work: Trial expiry reminder .*usr_812/)
    const read = async (): Promise<unknown> =>
      (await fetch(`${server.url}/api/v1/jobs/${id ?? ''}`, { headers: { 'x-api-key': key } })).json()
    await expect.poll(read).toMatchObject({ data: { status: 'SUCCESS', logs: [{ attempt: 1 }] } })

    const send = async (body: string, header: string): Promise<number> => {
      const init = { method: 'POST', headers: { 'x-dispatch-signature': header }, body }
      return (await fetch(`http://127.0.0.1:${port}/hooks/trial-expiry`, init)).status
    }
    const now = Math.floor(Date.now() / 1000)
    const again = JSON.stringify({ jobId: id, title: 'Trial expiry reminder', payload: {}, firedAt: '' })
    const other = JSON.stringify({ jobId: randomUUID(), title: `new to ${name}`, payload: { n: 1 }, firedAt: '' })
    expect(await send(again, signed(again, now))).toBe(200)
    // While a secret is being rotated there are two signatures, and ours may be the second.
    expect(await send(other, signed(other, now).replace(',', `,v1=${'0'.repeat(64)},`))).toBe(200)
    await lines.seen(new RegExp(`^work: new to ${name} `))
    expect(lines.all().filter((line) => line.startsWith('work:'))).toHaveLength(2)

    expect(await send(other.replace('1}', '2}'), signed(other, now))).toBe(401)
    expect(await send(other, signed(other, now - 400))).toBe(401)
    expect(await send(other, signed(other, now + 400))).toBe(401)
    for (const header of ['', 't=', 't=,v1=', `t=${now}`, `t=${now},v1=zz`, `t=${now},v1=é`.normalize()]) {
      const status = await send(other, header).catch(() => 401)
      expect(status, `header ${header}`).toBe(401)
    }
  })
})

function signed(body: string, timeSeconds: number): string {
  const signature = createHmac('sha256', secret).update(`${timeSeconds}.${body}`).digest('hex')
  return `t=${timeSeconds},v1=${signature}`
}

/** What a program prints, line by line. */
function linesOf(child: ChildProcess): { all: () => string[]; seen: (pattern: RegExp) => Promise<void> } {
  let output = ''
  child.stdout!.setEncoding('utf8').on('data', (chunk: string) => (output += chunk))
  const all = (): string[] => output.split('\n').filter((line) => line !== '')
  const closed = once(child, 'close').then(() => true)
  return {
    all,
    async seen(pattern) {
      for (;;) {
        if (all().some((line) => pattern.test(line))) return
        const ended = await Promise.race([once(child.stdout!, 'data').then(() => false), closed])
        if (ended) throw new Error(`it ended without ${pattern.source}; it printed:\n${output}`)
      }
    },
  }
}
