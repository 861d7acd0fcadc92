// One process at a time. The lock is a file that exists only while somebody holds it: it names the holder's process and is
// touched while the holder works, so that one left behind by a crash is recognised (dead process, or not touched for long).
import { randomUUID } from 'node:crypto'
import { link, mkdir, open, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import { clearInterval, setInterval } from 'node:timers'
import { setTimeout as sleep } from 'node:timers/promises'
import { Stop } from './run.mjs'

const TOUCH_EVERY_MS = 2_000
/** A holder that missed so many touches is gone, even if its process number lives on in another process. */
const STALE_AFTER_MS = 60_000

/**
 * Runs `body` while holding the lock `file`; waits as long as a live process holds it. Stops with words where this user may
 * not write.
 *
 * @template T
 * @param {string} file
 * @param {() => Promise<T>} body
 * @param {{ onWait?: (pid: number) => void, pollMs?: number }} [options] `onWait` is told once whom we wait for
 * @returns {Promise<T>}
 */
export async function withLock(file, body, { onWait = () => {}, pollMs = 200 } = {}) {
  const token = JSON.stringify({ pid: process.pid, host: hostname(), id: randomUUID() })
  await take(file, token, { onWait, pollMs }).catch(explain)
  const touch = setInterval(() => void touchNow(file), TOUCH_EVERY_MS)
  touch.unref()
  try {
    return await body()
  } finally {
    clearInterval(touch)
    if ((await readFile(file, 'utf8').catch(() => '')) === token) await rm(file, { force: true })
  }
}

async function take(file, token, { onWait, pollMs }) {
  // Not `recursive`: on a read-only file system that speaks of a missing folder (ENOENT) instead.
  await mkdir(dirname(file)).catch((error) => {
    if (error.code !== 'EEXIST') throw error
  })
  for (let waits = 0; !(await tryTake(file, token)); waits++) {
    const holder = await readHolder(file)
    if (holder === undefined) continue
    if (await isStale(file, holder)) await breakLock(file, holder)
    else {
      if (waits === 0) onWait(pidOf(holder))
      await sleep(pollMs)
    }
  }
}

function explain(error) {
  if (!['EACCES', 'EPERM', 'EROFS'].includes(error.code)) throw error
  throw new Stop(
    `Something has to be installed or built first, and this user may not write here (${error.message}).
Let the owner of the folder run "npm run build" in it, then start again.`,
  )
}

/** What the lock says; undefined when it was just released. */
async function readHolder(file) {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw error
  }
}

async function tryTake(file, token) {
  try {
    const handle = await open(file, 'wx')
    await handle.writeFile(token)
    await handle.close()
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

async function touchNow(file) {
  const now = new Date()
  await utimes(file, now, now).catch(() => {})
}

async function isStale(file, holder) {
  const info = await stat(file).catch(() => undefined)
  if (!info) return false
  if (Date.now() - info.mtimeMs > STALE_AFTER_MS) return true
  const { pid, host } = parse(holder)
  // An empty file is one that is being written at this moment.
  return pid !== undefined && host === hostname() && !isAlive(pid)
}

/** Moves the stale lock aside, and back should it have become somebody's fresh one in the meantime. */
async function breakLock(file, holder) {
  const aside = `${file}.${randomUUID()}`
  try {
    await rename(file, aside)
    if ((await readFile(aside, 'utf8')) !== holder) await link(aside, file)
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error
  } finally {
    await rm(aside, { force: true })
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

function pidOf(holder) {
  return parse(holder).pid ?? 0
}

function parse(holder) {
  try {
    return JSON.parse(holder)
  } catch {
    return {}
  }
}
