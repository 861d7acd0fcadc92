// Brings a checkout to the point where it can run: Node is new enough, packages are installed, sources are built. Each step
// is skipped when nothing changed since it was done. Only Node's own modules may be used here: nothing is installed yet.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ensureBuilt, isBuilt } from './compile.mjs'
import { ensureInstalled, isInstalled } from './install.mjs'
import { withLock } from './lock.mjs'
import { say, Stop } from './run.mjs'

export const ROOT = fileURLToPath(new URL('../', import.meta.url))

/**
 * Checks Node, installs and builds what is stale; two processes that start at once take turns.
 *
 * @param {{ alwaysBuild?: boolean, root?: string }} [options]
 */
export async function ensureReady({ alwaysBuild = false, root = ROOT } = {}) {
  checkNode(process.versions.node, readMinimumNode(root))
  // Without the lock, which is a file: who may only read this folder can run what its owner installed and built.
  if (!alwaysBuild && isInstalled(root) && isBuilt(root)) return
  const onWait = (pid) => say(`Waiting for another Dispatch (process ${pid}) that is installing or building here.`)
  // Outside of node_modules, which an installation removes.
  const lock = join(root, '.cache', 'ensure.lock')
  await withLock(
    lock,
    async () => {
      await ensureInstalled(root)
      await ensureBuilt(root, { always: alwaysBuild })
    },
    { onWait },
  )
}

function readMinimumNode(root) {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).engines.node.replace('>=', '')
}

/**
 * Stops with words when this Node is too old.
 *
 * @param {string} actual `20.19.0`
 * @param {string} least
 */
export function checkNode(actual, least) {
  const [a, b] = [actual, least].map((version) => version.split('.').map(Number))
  const differs = a.findIndex((part, index) => part !== b[index])
  if (differs >= 0 && a[differs] < b[differs]) {
    throw new Stop(`Dispatch needs Node ${least} or newer; this is ${actual}. Get it from https://nodejs.org`)
  }
}
