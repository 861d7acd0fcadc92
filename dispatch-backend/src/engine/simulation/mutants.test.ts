import { spawn } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

/** The engine broken on purpose: would the simulation notice? Each text must occur exactly once in its file. */
const MUTANTS = [
  {
    name: 'sends as soon as the claim is answered',
    file: 'engine/attempt.ts',
    find: 'if (waitMs <= 0) return true',
    replace: 'if (waitMs <= 1e9) return true',
    symptom: /early/,
  },
  {
    name: 'sends without asking whether its lease still holds',
    file: 'engine/attempt.ts',
    find: 'if (!leaseHolds(claim, deps)) return false',
    replace: 'leaseHolds(claim, deps)',
    symptom: /was sent while|after the job was cancelled|not logged/,
  },
  {
    name: 'never looks at what is overdue',
    file: 'engine/look-ahead.ts',
    find: 'const untilMs = engineClock.nowMs() - ON_TIME_SLACK_MS',
    replace: 'const untilMs = 0 * (engineClock.nowMs() - ON_TIME_SLACK_MS)',
    symptom: /was lost/,
  },
  {
    name: 'sweeps right after an outage',
    file: 'engine/release.ts',
    find: 'if (!singleEngine && !hadTheDatabase) return',
    replace: '',
    symptom: /its process was well/,
  },
  {
    name: 'drops results when the database is away',
    file: 'engine/engine.ts',
    find: "await this.#link.insist('recordAttempts', store, this.#giveUp.signal)",
    replace: "await this.#link.call('recordAttempts', store)",
    symptom: /its process was well|was lost/,
  },
  {
    name: 'forgets a claim whose answer was lost',
    file: 'engine/claimer.ts',
    find: "await link.insist('claim', () => this.#ask(claim, batch), this.#stop.signal)",
    replace: "await link.call('claim', () => this.#ask(claim, batch))",
    symptom: /its process was well/,
  },
  {
    name: 'never gives back the bytes of what it delivered',
    file: 'engine/claimer.ts',
    find: 'this.#bytesInFlight -= job.payloadBytes',
    replace: '',
    symptom: /was lost/,
  },
  {
    name: 'drops a record that was refused once',
    file: 'engine/recorder.ts',
    find: "return isBare ? 'lost' : this.#store(withoutText(record), true)",
    replace: "return isBare ? 'lost' : 'lost'",
    symptom: /its process was well/,
  },
  {
    name: 'retries at once',
    file: 'engine/attempt.ts',
    find: "{ status: 'FAILED', retryAtMs: next.retryAtMs }",
    replace: "{ status: 'FAILED', retryAtMs: failedAtMs }",
    symptom: /did not wait/,
  },
]

const SEEDS = 2_000
const SOURCE = fileURLToPath(new URL('../../', import.meta.url))
const TSX = import.meta.resolve('tsx')

describe('the simulation notices an engine that', () => {
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dispatch-mutants-'))
    await writeFile(join(folder, 'package.json'), '{"type":"module"}')
    await cp(SOURCE, join(folder, 'src'), { recursive: true, filter: (path) => !path.endsWith('.test.ts') })
  })

  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('(control) is not broken at all', async () => {
    const { code, output } = await runSimulation(folder, 20)
    expect(output).toContain('no invariant broken')
    expect(code).toBe(0)
  })

  it.each(MUTANTS)('$name', { timeout: 400_000 }, async ({ file, find, replace, symptom }) => {
    const path = join(folder, 'src', file)
    const original = await readFile(path, 'utf8')
    expect(original.split(find), `"${find}" must occur once in ${file}`).toHaveLength(2)
    await writeFile(path, original.replace(find, replace))
    try {
      const { code, output } = await runSimulation(folder, SEEDS)
      expect(output).toMatch(symptom)
      expect(code).toBe(1)
    } finally {
      await writeFile(path, original)
    }
  })
})

function runSimulation(folder: string, seeds: number): Promise<{ code: number | null; output: string }> {
  const script = join(folder, 'src/engine/simulation/run.ts')
  const child = spawn(process.execPath, ['--import', TSX, script, String(seeds)], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })))
}
