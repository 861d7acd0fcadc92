/** Two stores on the same data at the same moment: whoever comes second finds the row changed. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CancelResult } from '../store.js'
import {
  claimOne,
  claimRequest,
  createJobs,
  keyScope,
  look,
  newJob,
  OVER,
  record,
  releaseRequest,
  T0,
  type EngineSubject,
  type Project,
} from './subject.js'

const ROUNDS = 10
const JOBS = 12

export function describeEngineRaces(open: () => Promise<EngineSubject>): void {
  describe('races of the engine', () => {
    let subject: EngineSubject
    let project: Project
    beforeEach(async () => {
      subject = await open()
      project = await subject.seedProject()
    })
    afterEach(() => subject.close())

    it('two claims share the jobs out, none twice', async () => {
      const { store, other } = subject
      for (let round = 0; round < ROUNDS; round++) {
        const jobs = await createJobs(store, project, Array<object>(JOBS).fill({}))
        const results = await Promise.all([
          store.claim(claimRequest(jobs, { replicaId: 'replica-a' })),
          other.claim(claimRequest(jobs.toReversed(), { replicaId: 'replica-b' })),
        ])
        const claimed = results.flatMap((result) => result.jobs.map((job) => job.id))
        expect(claimed.sort()).toEqual(jobs.map((job) => job.id).sort())
      }
    })

    it('a job is either claimed or cancelled, never both', async () => {
      const { store, other } = subject
      const scope = keyScope(project)
      for (let round = 0; round < ROUNDS; round++) {
        const jobs = await createJobs(store, project, Array<object>(JOBS).fill({}))
        const [claimed, cancelled] = await Promise.all([
          store.claim(claimRequest(jobs)),
          other.cancelJobs(jobs.map(({ id }) => ({ id, scope, retrying: false, nowMs: T0 }))),
        ])
        const won = new Set(claimed.jobs.map((job) => job.id))
        expect(cancelled).toEqual(jobs.map(({ id }): CancelResult => (won.has(id) ? 'not-cancellable' : 'cancelled')))
        for (const { id } of jobs) {
          expect((await look(store, project, id)).status).toBe(won.has(id) ? 'FIRING' : 'CANCELLED')
        }
      }
    })

    it('an attempt is either recorded or released, never both', async () => {
      const { store, other } = subject
      for (let round = 0; round < ROUNDS; round++) {
        const jobs = await createJobs(store, project, Array<object>(JOBS).fill({}))
        const { claimId, ...request } = claimRequest(jobs, OVER)
        const claimed = (await store.claim({ ...request, claimId })).jobs
        const [recorded, released] = await Promise.all([
          store.recordAttempts(claimed.map((job) => record(job, claimId))),
          other.releaseExpired(releaseRequest()),
        ])
        const lost = new Set(released.map((job) => job.id))
        expect(recorded).toEqual(claimed.map((job) => (lost.has(job.id) ? 'fenced' : 'recorded')))
        for (const { id } of claimed) {
          const { status, attempts } = await look(store, project, id)
          expect(status).toBe(lost.has(id) ? 'FAILED' : 'SUCCESS')
          expect(attempts).toHaveLength(1)
        }
      }
    })

    it('two sweeps release each claim once', async () => {
      const { store, other } = subject
      for (let round = 0; round < ROUNDS; round++) {
        const jobs = await createJobs(store, project, Array<object>(JOBS).fill({}))
        await store.claim(claimRequest(jobs, OVER))
        const released = await Promise.all([
          store.releaseExpired(releaseRequest({ replicaId: 'replica-b' })),
          other.releaseExpired(releaseRequest({ replicaId: 'replica-c' })),
        ])
        const ids = released.flat().map((job) => job.id)
        expect(ids.sort()).toEqual(jobs.map((job) => job.id).sort())
      }
    })

    it('the same record sent twice at once is written once', async () => {
      const { store, other } = subject
      for (let round = 0; round < ROUNDS; round++) {
        const [created] = await createJobs(store, project, [{}])
        const { job, claimId } = await claimOne(store, claimRequest([created!]))
        const written = record(job, claimId)
        const results = await Promise.all([store.recordAttempts([written]), other.recordAttempts([written])])
        expect(results).toEqual([['recorded'], ['recorded']])
        expect((await look(store, project, job.id)).attempts).toHaveLength(1)
      }
    })

    it('the same create sent twice at once is one job', async () => {
      const { store, other } = subject
      for (let round = 0; round < ROUNDS; round++) {
        const job = newJob(project)
        const results = await Promise.all([store.createJobs([job]), other.createJobs([job])])
        expect(results.flat().map((result) => result.outcome)).toEqual(['created', 'created'])
        expect((await look(store, project, job.id)).status).toBe('SCHEDULED')
      }
    })
  })
}
