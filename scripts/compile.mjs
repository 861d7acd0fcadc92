// Compiles the workspaces when their sources changed since the last successful build.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run, say, Stop } from './run.mjs'

/** In the order they are built. */
const WORKSPACES = ['dispatch-contract', 'dispatch-client', 'dispatch-backend']
/** They leave tests out: nothing runs their compiled form. */
const BUILDS = ['dispatch-backend/tsconfig.build.json', 'dispatch-client/tsconfig.cjs.json']
const OUTPUTS = [
  'dispatch-contract/dist/index.js',
  'dispatch-client/dist/index.js',
  'dispatch-client/cjs/dist/index.js',
  'dispatch-backend/dist/main.js',
]

/**
 * Builds when needed; `always` skips the question.
 *
 * @param {string} root
 * @param {{ always?: boolean }} [options]
 */
export async function ensureBuilt(root, { always = false } = {}) {
  const stampFile = join(root, 'node_modules', '.dispatch-built')
  const wanted = sourceStamp(root)
  const isComplete = OUTPUTS.every((output) => existsSync(join(root, output)))
  if (!always && isComplete && existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wanted) return
  say('Building.')
  rmSync(stampFile, { force: true })
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  // The compiler judges by its own records; after somebody deleted `dist` they are wrong.
  const force = isComplete ? [] : ['--force']
  const code = await run(process.execPath, [tsc, '--build', ...BUILDS, ...force], { cwd: root })
  if (code !== 0) throw new Stop('The build failed; the lines above say where.')
  writeFileSync(stampFile, wanted)
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
  return hash.digest('hex')
}

function sourceFiles(root, workspace) {
  const listed = readdirSync(join(root, workspace, 'src'), { recursive: true, encoding: 'utf8' })
  const isTest = (file) => /\.test\.ts$|(^|\/)(testing|conformance|simulation)\//.test(file.replaceAll('\\', '/'))
  const sources = listed.filter((file) => file.endsWith('.ts') && !isTest(file)).sort()
  return [
    ...readdirSync(join(root, workspace))
      .filter((file) => /^(package|tsconfig.*)\.json$/.test(file))
      .sort()
      .map((file) => `${workspace}/${file}`),
    ...sources.map((file) => `${workspace}/src/${file}`),
  ]
}
