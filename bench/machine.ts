import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { spread, type Spread } from './samples.js'

export interface Machine {
  readonly cores: number
  readonly cpu: string
  readonly memoryGiB: number
  readonly system: string
  readonly node: string
  /** Processes that wanted to run, on average over the minute before the start: what this run had to share with. */
  readonly loadAtStart: number
  /** Of 4 KiB written and synced where the embedded database lies: no commit is faster. */
  readonly syncMs: Spread
}

export function describeMachine(folder: string): Machine {
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()}`,
    node: process.versions.node,
    loadAtStart: Math.round(loadavg()[0]! * 100) / 100,
    syncMs: measureSync(folder),
  }
}

const SYNCS = 200

function measureSync(folder: string): Spread {
  const file = join(folder, 'sync')
  const page = Buffer.alloc(4096, 1)
  const descriptor = openSync(file, 'w')
  try {
    const samples = Array.from({ length: SYNCS }, () => {
      const startedMs = performance.now()
      writeSync(descriptor, page)
      fdatasyncSync(descriptor)
      return performance.now() - startedMs
    })
    return spread(samples)
  } finally {
    closeSync(descriptor)
    rmSync(file)
  }
}
