/**
 * Random sequences of verbs against a small model of the job's state machine. The model knows nothing of SQL: what it
 * expects after each step is what the head of store.ts says.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JobStatus, NextState } from '../store.js'
import {
  ALL_DUE,
  claimRequest,
  createJobs,
  keyScope,
  look,
  newId,
  record,
  releaseRequest,
  T0,
  type EngineSubject,
  type EngineSubjectStore,
  type Project,
} from './subject.js'

interface ModelJob {
  readonly id: string
  status: JobStatus
  dueAtMs: number | null
  nextAttemptAtMs: number | null
  attempt: number
  retryCount: number
  interruptions: number
  claimId: string | null
  attempts: number
}

interface World {
  readonly store: EngineSubjectStore
  readonly project: Project
  readonly jobs: ModelJob[]
  /** Claims that no longer hold; using one must change nothing. */
  readonly lostClaims: { readonly job: ModelJob; readonly claimId: string; readonly attempt: number }[]
  nowMs: number
}

const MAX_INTERRUPTIONS = 3
const JOBS = 4
const RUNS = 15

export function describeEngineFuzz(open: () => Promise<EngineSubject>): void {
  describe('random sequences of verbs', () => {
    it('move jobs as the model does', async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(stepArbitrary, { minLength: 5, maxLength: 40 }), async (steps) => {
          const subject = await open()
          try {
            await runSteps(subject, steps)
          } finally {
            await subject.close()
          }
        }),
        { numRuns: RUNS },
      )
    })
  })
}

type Step = { readonly kind: keyof typeof STEPS; readonly index: number; readonly flag: boolean }

const STEPS = { claim, succeed, fail, die, interrupt, handBack, release, cancel, useLostClaim }

const stepArbitrary: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom(...(Object.keys(STEPS) as (keyof typeof STEPS)[]), 'claim' as const, 'claim' as const),
  index: fc.nat({ max: JOBS - 1 }),
  flag: fc.boolean(),
})

async function runSteps({ store, seedProject }: EngineSubject, steps: readonly Step[]): Promise<void> {
  const project = await seedProject()
  const created = await createJobs(store, project, Array<object>(JOBS).fill({}))
  const jobs = created.map(({ id }) => newModelJob(id))
  const world: World = { store, project, jobs, lostClaims: [], nowMs: T0 }
  for (const step of steps) {
    world.nowMs += 10
    await STEPS[step.kind](world, jobs[step.index]!, step.flag)
    await compare(world)
  }
}

function newModelJob(id: string): ModelJob {
  const base = { attempt: 0, retryCount: 0, interruptions: 0, claimId: null, attempts: 0 }
  return { id, status: 'SCHEDULED', dueAtMs: T0, nextAttemptAtMs: T0, ...base }
}

/** `stale`: with a due time that is no longer right. */
async function claim(world: World, job: ModelJob, stale: boolean): Promise<void> {
  const fireAtMs = stale ? T0 - 1 : (job.dueAtMs ?? job.nextAttemptAtMs ?? T0)
  const request = claimRequest([{ id: job.id, fireAtMs }], {
    leaseMs: -60_000,
    nowMs: world.nowMs,
    replicaId: 'replica-dead',
  })
  const { jobs } = await world.store.claim(request)
  const expected = job.dueAtMs === fireAtMs ? [job.id] : []
  expect(jobs.map((claimed) => claimed.id)).toEqual(expected)
  if (expected.length === 0) return
  Object.assign(job, { status: 'FIRING', dueAtMs: null, claimId: request.claimId, attempt: job.attempt + 1 })
  expect(jobs[0]).toMatchObject({ attempt: job.attempt, retryCount: job.retryCount, dueAtMs: fireAtMs })
}

async function succeed(world: World, job: ModelJob): Promise<void> {
  if (await writeRecord(world, job, { status: 'SUCCESS' })) end(world, job, 'SUCCESS')
}

async function die(world: World, job: ModelJob): Promise<void> {
  if (await writeRecord(world, job, { status: 'DEAD' })) end(world, job, 'DEAD')
}

async function fail(world: World, job: ModelJob): Promise<void> {
  const retryAtMs = world.nowMs + 30_000
  if (!(await writeRecord(world, job, { status: 'FAILED', retryAtMs }))) return
  job.retryCount += 1
  wait(world, job, retryAtMs)
}

async function interrupt(world: World, job: ModelJob): Promise<void> {
  if (await writeRecord(world, job, { status: 'interrupted', maxInterruptions: MAX_INTERRUPTIONS })) {
    countInterruption(world, job)
  }
}

/** Answers whether there was a claim to write under. Each call comes twice, as after an unknown COMMIT. */
async function writeRecord(world: World, job: ModelJob, next: NextState): Promise<boolean> {
  const { claimId } = job
  if (claimId === null) return false
  const claimed = toClaimed(world, job)
  const written = record(claimed, claimId, { next, nowMs: world.nowMs })
  expect(await world.store.recordAttempts([written])).toEqual(['recorded'])
  expect(await world.store.recordAttempts([written])).toEqual(['recorded'])
  job.attempts += 1
  return true
}

function toClaimed({ project }: World, job: ModelJob): Parameters<typeof record>[0] {
  const { id, attempt, retryCount } = job
  const texts = { title: '', webhookUrl: '', endpoint: '', payload: '' }
  return { id, attempt, retryCount, projectId: project.projectId, dueAtMs: job.nextAttemptAtMs!, ...texts }
}

async function handBack(world: World, job: ModelJob): Promise<void> {
  if (job.claimId === null) return
  expect(await world.store.handBack([{ id: job.id, claimId: job.claimId }])).toBe(1)
  const attempt = job.attempt - 1
  loseClaim(world, job)
  Object.assign(job, { attempt, status: attempt === 0 ? 'SCHEDULED' : 'FAILED', dueAtMs: job.nextAttemptAtMs })
}

async function release(world: World): Promise<void> {
  const request = releaseRequest({ maxInterruptions: MAX_INTERRUPTIONS, nowMs: world.nowMs })
  const released = await world.store.releaseExpired(request)
  const held = world.jobs.filter((job) => job.claimId !== null)
  expect(released.map((job) => job.id).sort()).toEqual(held.map((job) => job.id).sort())
  for (const job of held) {
    job.attempts += 1
    countInterruption(world, job)
    expect(released.find(({ id }) => id === job.id)).toMatchObject({
      dead: job.status === 'DEAD',
      attempt: job.attempt,
    })
  }
}

async function cancel(world: World, job: ModelJob, retrying: boolean): Promise<void> {
  const { store, project, nowMs } = world
  const [result] = await store.cancelJobs([{ id: job.id, scope: keyScope(project), retrying, nowMs }])
  const may = job.status === 'SCHEDULED' || (retrying && job.status === 'FAILED')
  expect(result).toBe(may ? 'cancelled' : 'not-cancellable')
  if (may) Object.assign(job, { status: 'CANCELLED', dueAtMs: null, nextAttemptAtMs: null })
}

/** The slow owner of a claim that is long gone writes and hands back: nothing may move. */
async function useLostClaim(world: World, job: ModelJob): Promise<void> {
  const lost = world.lostClaims.find((each) => each.job === job)
  if (!lost) return
  const claimed = { ...toClaimed(world, job), dueAtMs: T0, attempt: lost.attempt }
  const written = record(claimed, lost.claimId, { attemptId: newId() })
  expect(await world.store.handBack([{ id: job.id, claimId: lost.claimId }])).toBe(0)
  expect(await world.store.recordAttempts([written])).toEqual(['fenced'])
}

function countInterruption(world: World, job: ModelJob): void {
  job.interruptions += 1
  if (job.interruptions >= MAX_INTERRUPTIONS) end(world, job, 'DEAD')
  else wait(world, job, world.nowMs)
}

function end(world: World, job: ModelJob, status: JobStatus): void {
  loseClaim(world, job)
  Object.assign(job, { status, dueAtMs: null, nextAttemptAtMs: null })
}

function wait(world: World, job: ModelJob, dueAtMs: number): void {
  loseClaim(world, job)
  Object.assign(job, { status: 'FAILED', dueAtMs, nextAttemptAtMs: dueAtMs })
}

function loseClaim({ lostClaims }: World, job: ModelJob): void {
  lostClaims.unshift({ job, claimId: job.claimId!, attempt: job.attempt })
  job.claimId = null
}

async function compare({ store, project, jobs }: World): Promise<void> {
  for (const job of jobs) {
    const { attempts, ...seen } = await look(store, project, job.id)
    const { status, nextAttemptAtMs, attempt, retryCount } = job
    expect(seen).toMatchObject({ status, nextAttemptAtMs, attempt, retryCount, fireAtMs: T0 })
    expect(attempts).toHaveLength(job.attempts)
  }
  const due = (await store.readDue(ALL_DUE)).jobs.map((job) => [job.id, job.dueAtMs])
  const expected = jobs.filter((job) => job.dueAtMs !== null).map((job) => [job.id, job.dueAtMs])
  expect(due.sort()).toEqual(expected.sort())
}
