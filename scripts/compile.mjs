// Compiles the workspaces when their sources changed since the last successful build.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run, say, Stop } from './run.mjs'

/** In the order they are built. */
const WORKSPACES = ['dispatch-contract', 'dispatch-client', 'dispatch-backend', 'dispatch-web']
/** The dashboard is bundled by Vite, from more than TypeScript; it needs the contract's compiled form. */
const DASHBOARD = 'dispatch-web'
/** Beside its sources; `.env…` and the environment name the API that it is built for. */
const DASHBOARD_FILES = /^(index\.html|vite\.config\.ts|\.env(\..+)?)$/
const DASHBOARD_FOLDERS = ['build', 'public']
/** Its documentation pages are made of these. */
const DASHBOARD_TEXTS = ['docs', 'docs/prompts']
const DASHBOARD_SETTINGS = ['VITE_API_URL', 'NEXT_PUBLIC_API_URL']
/** They leave tests out: nothing runs their compiled form. */
const BUILDS = ['dispatch-backend/tsconfig.build.json', 'dispatch-client/tsconfig.cjs.json']
/** What a build leaves; when one of them is missing, it is no build. */
export const OUTPUTS = [
  'dispatch-contract/dist/index.js',
  'dispatch-client/dist/index.js',
  'dispatch-client/cjs/dist/index.js',
  'dispatch-backend/dist/main.js',
  'dispatch-web/dist/index.html',
]

/**
 * Builds when needed; `always` skips the question.
 *
 * @param {string} root
 * @param {{ always?: boolean }} [options]
 */
export async function ensureBuilt(root, { always = false } = {}) {
  if (!always && isBuilt(root)) return
  const wanted = sourceStamp(root)
  say('Building.')
  rmSync(stampFile(root), { force: true })
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  // The compiler judges by its own records; after somebody deleted `dist` they are wrong.
  const force = isComplete(root) ? [] : ['--force']
  await build(tsc, ['--build', ...BUILDS, ...force], root)
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  await build(vite, ['build', '--logLevel', 'warn'], join(root, DASHBOARD))
  writeFileSync(stampFile(root), wanted)
}

async function build(program, args, cwd) {
  const code = await run(process.execPath, [program, ...args], { cwd })
  if (code !== 0) throw new Stop('The build failed; the lines above say where.')
}

/**
 * Whether the last successful build was of these sources, and is still there. Writes nothing.
 *
 * @param {string} root
 * @returns {boolean}
 */
export function isBuilt(root) {
  const file = stampFile(root)
  return isComplete(root) && existsSync(file) && readFileSync(file, 'utf8') === sourceStamp(root)
}

function isComplete(root) {
  return OUTPUTS.every((output) => existsSync(join(root, output)))
}

function stampFile(root) {
  return join(root, 'node_modules', '.dispatch-built')
}

/**
 * A hash of everything that goes into the build.
 *
 * @param {string} root
 * @returns {string}
 */
export function sourceStamp(root) {
  const hash = createHash('sha256')
  const add = (path) =>
    hash
      .update(`${path}\0`)
      .update(readFileSync(join(root, path)))
      .update('\0')
  for (const file of readdirSync(root).sort()) if (/^(tsconfig.*|package-lock)\.json$/.test(file)) add(file)
  for (const workspace of WORKSPACES) for (const file of sourceFiles(root, workspace)) add(file)
  for (const name of DASHBOARD_SETTINGS) hash.update(`${name}=${process.env[name] ?? ''}\0`)
  return hash.digest('hex')
}

function sourceFiles(root, workspace) {
  const listed = readdirSync(join(root, workspace, 'src'), { recursive: true, encoding: 'utf8' })
  const isTest = (file) => /\.test\.ts$|(^|\/)(testing|conformance|simulation)\//.test(file.replaceAll('\\', '/'))
  const sources = listed.filter((file) => /\.(tsx?|css)$/.test(file) && !isTest(file)).sort()
  const isWeb = workspace === DASHBOARD
  return [
    ...readdirSync(join(root, workspace))
      .filter((file) => /^(package|tsconfig.*)\.json$/.test(file) || (isWeb && DASHBOARD_FILES.test(file)))
      .sort()
      .map((file) => `${workspace}/${file}`),
    ...sources.map((file) => `${workspace}/src/${file}`),
    ...(isWeb ? DASHBOARD_FOLDERS.flatMap((folder) => filesIn(root, `${workspace}/${folder}`)) : []),
    ...(isWeb ? DASHBOARD_TEXTS.flatMap((folder) => filesIn(root, folder).filter((file) => file.endsWith('.md'))) : []),
  ]
}

function filesIn(root, folder) {
  if (!existsSync(join(root, folder))) return []
  return readdirSync(join(root, folder))
    .sort()
    .map((file) => `${folder}/${file}`)
}
