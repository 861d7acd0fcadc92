import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { withLock } from './lock.mjs'
import { Stop } from './run.mjs'

let folder
let file

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'dispatch-lock-'))
  file = join(folder, 'cache', 'ensure.lock')
})

afterEach(() => rmSync(folder, { recursive: true }))

test('only one at a time holds it, also when many want it at once; nothing is left behind', async () => {
  let holders = 0
  const most = []
  const work = async () => {
    holders += 1
    most.push(holders)
    await new Promise((resolve) => setTimeout(resolve, 1))
    holders -= 1
  }
  await Promise.all(Array.from({ length: 20 }, () => withLock(file, work, { pollMs: 1 })))
  expect(most).toEqual(Array.from({ length: 20 }, () => 1))
  expect(readdirSync(join(folder, 'cache'))).toEqual([])
})

test('it is released when the work fails', async () => {
  await expect(withLock(file, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  expect(await withLock(file, () => Promise.resolve('again'))).toBe('again')
})

test('who waits is told for whom, once', async () => {
  const told = []
  let release
  const held = withLock(file, () => new Promise((resolve) => (release = resolve)))
  const onWait = (pid) => {
    told.push(pid)
    release()
  }
  await expect.poll(() => release).toBeDefined()
  await withLock(file, () => Promise.resolve(), { pollMs: 1, onWait })
  await held
  expect(told).toEqual([process.pid])
})

async function deadProcessId() {
  const child = spawn(process.execPath, ['--eval', ''])
  await once(child, 'exit')
  return child.pid
}

async function leaveBehind(holder) {
  await withLock(file, () => Promise.resolve())
  writeFileSync(file, JSON.stringify(holder))
}

test('the lock of a dead process is broken, by all who wait at once', async () => {
  await leaveBehind({ pid: await deadProcessId(), host: hostname(), id: 'crashed' })
  let holders = 0
  const work = async () => {
    holders += 1
    expect(holders).toBe(1)
    await new Promise((resolve) => setTimeout(resolve, 1))
    holders -= 1
  }
  await Promise.all(Array.from({ length: 20 }, () => withLock(file, work, { pollMs: 1 })))
  expect(readdirSync(join(folder, 'cache'))).toEqual([])
})

test('a lock that nobody touched for long is broken, even if the number is that of a living process', async () => {
  await leaveBehind({ pid: process.pid, host: hostname(), id: 'forgotten' })
  utimesSync(file, 0, 0)
  expect(await withLock(file, () => Promise.resolve('mine'))).toBe('mine')
})

test('the fresh lock of a process on another machine is respected', async () => {
  await leaveBehind({ pid: await deadProcessId(), host: 'elsewhere', id: 'busy' })
  const told = []
  const onWait = (pid) => {
    told.push(pid)
    expect(JSON.parse(readFileSync(file, 'utf8')).id).toBe('busy')
    rmSync(file)
  }
  await withLock(file, () => Promise.resolve(), { pollMs: 1, onWait })
  expect(told).toHaveLength(1)
})

test('where this user may not write, it stops with words instead of a stack trace', async () => {
  chmodSync(folder, 0o500)
  // Root may write anywhere, so it has to be somebody else for a moment.
  const isRoot = process.geteuid() === 0
  if (isRoot) process.seteuid(65_534)
  try {
    const taken = withLock(file, () => Promise.resolve())
    await expect(taken).rejects.toThrow(Stop)
    await expect(taken).rejects.toThrow(/may not write here \(EACCES.*\n.*npm run build/)
  } finally {
    if (isRoot) process.seteuid(0)
    chmodSync(folder, 0o700)
  }
})
