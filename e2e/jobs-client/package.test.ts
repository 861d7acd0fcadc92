/** What users of `dispatch-client` get: both module systems, types that stand alone, and snippets that work. */
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ensureBuilt } from '../../scripts/compile.mjs'
import { ROOT } from '../../scripts/ensure.mjs'
import { withLock } from '../../scripts/lock.mjs'
import { signatureHeaders } from '../../dispatch-backend/src/delivery/signature.js'

const exec = promisify(execFile)
const PACKAGE = join(ROOT, 'dispatch-client')
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

/** An app of somebody else's, with the package copied in (not linked): nothing of this repository is near. */
let app: string

beforeAll(async () => {
  await withLock(`${ROOT}.cache/ensure.lock`, () => ensureBuilt(ROOT))
  app = await mkdtemp(join(tmpdir(), 'dispatch-app-'))
  const installed = join(app, 'node_modules', 'dispatch-client')
  for (const part of ['package.json', 'dist', join('cjs', 'package.json'), join('cjs', 'dist')]) {
    await cp(join(PACKAGE, part), join(installed, part), { recursive: true })
  }
  await writeFile(join(app, 'package.json'), '{"type":"module"}')
})

afterAll(() => rm(app, { recursive: true }))

async function snippets(language: string): Promise<string[]> {
  const readme = await readFile(join(PACKAGE, 'README.md'), 'utf8')
  return [...readme.matchAll(new RegExp(`\`\`\`${language}\n(.*?)\`\`\``, 'gs'))].map(([, code = '']) => code)
}

async function runFile(name: string, code: string, args: readonly string[] = []): Promise<string> {
  await writeFile(join(app, name), code)
  const env = { PATH: process.env['PATH'] ?? '', DISPATCH_SIGNING_SECRET: SECRET }
  return (await exec(process.execPath, [join(app, name), ...args], { env })).stdout
}

test.each([
  ['import', 'esm.mjs', "import * as client from 'dispatch-client'"],
  ['require', 'cjs.cjs', "const client = require('dispatch-client')"],
])('%s gets all of it, on its own', async (_how, name, load) => {
  const out = await runFile(
    name,
    `${load}\nconsole.log(Object.keys(client).filter((key) => key !== 'default').sort().join())`,
  )
  const names = 'Dispatch,DispatchApiError,DispatchConnectionError,DispatchError,DispatchTimeoutError'
  expect(out.trim()).toBe(`${names},SignatureError,verifySignature`)
})

test('no dependency; nothing published imports but from the package itself', async () => {
  const manifest = JSON.parse(await readFile(join(PACKAGE, 'package.json'), 'utf8')) as object
  expect(manifest).not.toHaveProperty('dependencies')
  const files = (await readdir(app, { recursive: true })).filter((file) => /\.(js|d\.ts)$/.test(file))
  expect(files.filter((file) => file.endsWith('.d.ts')).length).toBeGreaterThan(10)
  for (const file of files) {
    const source = await readFile(join(app, file), 'utf8')
    const imported = [...source.matchAll(/(?:from|import|require)\s*\(?\s*['"]([^'"]+)['"]/g)].map(([, name]) => name)
    expect(
      imported.filter((name) => !name?.startsWith('./')),
      file,
    ).toEqual([])
    expect(source, file).not.toMatch(/dispatch-contract|zod/)
  }
})

test("the README's first snippet and both flavours of the types compile, without Node's types but for process", async () => {
  const [schedule = ''] = await snippets('ts')
  await writeFile(join(app, 'schedule.ts'), `declare const process: { env: Record<string, string> }\n${schedule}`)
  await writeFile(
    join(app, 'typed.cts'),
    "import { Dispatch } from 'dispatch-client'\nexport const made: Dispatch[] = []\n",
  )
  const options = {
    module: 'NodeNext',
    target: 'ES2022',
    lib: ['ES2022', 'DOM'],
    types: [],
    strict: true,
    noEmit: true,
  }
  const compilerOptions = { ...options, exactOptionalPropertyTypes: true, skipLibCheck: false }
  await writeFile(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts', '*.cts'] }))
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
  const { stdout } = await exec(process.execPath, [tsc, '-p', app]).catch(
    (error: unknown) => error as { stdout: string },
  )
  expect(stdout).toBe('')
})

/** Stands in for Express, which is not here: what the snippet uses of it, over Node's own server. */
const EXPRESS = `
import { createServer } from 'node:http'
import { buffer } from 'node:stream/consumers'
export default function express() {
  let handle
  const server = createServer(async (req, res) => {
    res.status = (code) => ((res.statusCode = code), res)
    res.json = (value) => res.end(JSON.stringify(value))
    req.body = await buffer(req)
    await handle(req, res)
  })
  return { post: (path, raw, handler) => (handle = handler), listen: (...args) => server.listen(...args) }
}
express.raw = ({ type }) => type
`

/** How each kind of app answers a request; the head of a program that prints what came back. */
const FLAVOURS = [
  [
    'Express',
    `const server = app.listen(0, '127.0.0.1'); await new Promise((done) => server.once('listening', done));
    const ask = (init) => fetch('http://127.0.0.1:' + server.address().port + '/hooks/trial-expiry', init)
    const end = () => server.close()`,
  ],
  [
    'Fastify',
    `const url = await app.listen({ port: 0, host: '127.0.0.1' })
    const ask = (init) => fetch(url + '/hooks/trial-expiry', init)
    const end = () => app.close()`,
  ],
  ['Next.js', `const ask = (init) => POST(new Request('http://localhost/', init)); const end = () => {}`],
] as const

test.each(FLAVOURS.map(([name, start], index) => ({ name, start, index })))(
  'the README on $name takes a delivery and refuses one that was changed',
  async ({ name, start, index }) => {
    const code = (await snippets('js'))[index] ?? ''
    expect(code).toContain('verifySignature')
    const modules = join(app, 'node_modules')
    if (name === 'Express') {
      await mkdir(join(modules, 'express'), { recursive: true })
      await writeFile(join(modules, 'express', 'package.json'), '{"type":"module","main":"index.js"}')
      await writeFile(join(modules, 'express', 'index.js'), EXPRESS)
    }
    if (name === 'Fastify') await symlink(join(ROOT, 'node_modules', 'fastify'), join(modules, 'fastify'))
    const body = '{"jobId":"job-1","title":"x","payload":{"userId":"usr_812"},"firedAt":"2031-06-13T09:30:00.004Z"}'
    const timestampSeconds = Math.floor(Date.now() / 1_000)
    const signed = signatureHeaders({ jobId: 'job-1', body: Buffer.from(body), timestampSeconds, secrets: [SECRET] })
    const headers = { ...signed, 'content-type': 'application/json' }
    const check = `${code}\n${start}
      for (const sent of ${JSON.stringify([body, body.replace('812', '813')])}) {
        const response = await ask({ method: 'POST', headers: ${JSON.stringify(headers)}, body: sent })
        console.log(response.status, await response.text())
      }
      await end()`
    expect(await runFile(`${name.toLowerCase()}.mjs`, check)).toBe(
      'job-1 { userId: \'usr_812\' }\n200 {"received":true}\n401 {"received":false}\n',
    )
  },
)
