/** Deleting old jobs out of two hundred thousand, while others are claimed and recorded. */
import { beforeAll, describe, expect, it } from 'vitest'
import { systemClock, type Clock } from '../../clock.js'
import { Events } from '../../events.js'
import { createRetention } from '../../retention.js'
import { databases } from '../../testing/databases.js'
import type { RetentionLimits } from '../retention-store.js'
import { SqlStore } from '../sql-store.js'
import { DAYS, DAY_MS, dayMs, JOBS_A_DAY, PER_DAY, seedFinishedJobs } from './finished-jobs.js'
import { shareSubject, type SqlSubject } from './open-subject.js'
import { explain, watched, type Statement } from './query-plan.js'
import {
  claimRequest,
  createJobs,
  failure,
  LARGE,
  look,
  newId,
  newJob,
  OVER,
  record,
  releaseRequest,
  T0,
  type Project,
} from './subject.js'

/** For a machine that is busy with other tests. */
const PATIENCE_MS = 120_000

const EVER: RetentionLimits = { successBeforeMs: null, failedBeforeMs: null }

describe.each(databases)('retention on $name', (testDatabase) => {
  const open = shareSubject(testDatabase)

  describe('of a few jobs', () => {
    let subject: SqlSubject
    let project: Project
    beforeAll(async () => {
      subject = await open()
      project = await subject.seedProject()
    })

    /** A job that was claimed and recorded (or not) at an instant of its own. */
    async function jobEndedAt(
      endedAtMs: number,
      end: 'SUCCESS' | 'DEAD' | 'CANCELLED' | 'FAILED' | 'FIRING',
    ): Promise<string> {
      const { store } = subject
      const job = newJob(project)
      await store.createJobs([job])
      if (end === 'CANCELLED') {
        await store.cancelJobs([
          { id: job.id, scope: { kind: 'apiKey', ...project }, retrying: false, nowMs: endedAtMs },
        ])
        return job.id
      }
      const claim = claimRequest([job])
      const [claimed] = (await store.claim(claim)).jobs
      if (end === 'FIRING') return job.id
      const base = end === 'FAILED' ? failure(claimed!, claim.claimId, T0) : record(claimed!, claim.claimId)
      await store.recordAttempts([
        { ...base, ...(end === 'FAILED' ? {} : { next: { status: end } }), nowMs: endedAtMs },
      ])
      return job.id
    }

    /** Ids of these jobs that are found on all pages. */
    async function found(ids: readonly string[], limits: RetentionLimits, limit = 100): Promise<string[]> {
      const all: string[] = []
      let after: string | null = ''
      while (after !== null) {
        const page = await subject.store.findFinished({ ...limits, after, limit })
        all.push(...page.ids)
        after = page.next
      }
      expect(all).toEqual(all.toSorted())
      return ids.filter((id) => all.includes(id))
    }

    // Ids are made now, so the walk goes up to now; an end is an instant of its own.
    const nowMs = systemClock.wallMs() + DAY_MS

    it('finds what ended before its limit, each by its own', async () => {
      const [sent, dead, cancelled, failed, firing] = [
        await jobEndedAt(nowMs - 2, 'SUCCESS'),
        await jobEndedAt(nowMs - 2, 'DEAD'),
        await jobEndedAt(nowMs - 2, 'CANCELLED'),
        await jobEndedAt(nowMs - 2, 'FAILED'),
        await jobEndedAt(nowMs - 2, 'FIRING'),
      ]
      const ids = [sent, dead, cancelled, failed, firing]
      expect(await found(ids, { ...EVER, successBeforeMs: nowMs })).toEqual([sent, cancelled])
      expect(await found(ids, { ...EVER, failedBeforeMs: nowMs })).toEqual([dead])
      expect(await found(ids, { successBeforeMs: nowMs, failedBeforeMs: nowMs }, 1)).toEqual([sent, dead, cancelled])
      expect(await found(ids, { successBeforeMs: nowMs - 2, failedBeforeMs: nowMs })).toEqual([dead])
      expect(await found(ids, EVER)).toEqual([])
    })

    it('deletes with their attempts, in chunks, and looks again before it does', async () => {
      const { store } = subject
      const ids = [await jobEndedAt(nowMs - 2, 'SUCCESS'), await jobEndedAt(nowMs - 1, 'DEAD')]
      const kept = [await jobEndedAt(nowMs, 'SUCCESS'), await jobEndedAt(nowMs - 2, 'FAILED')]
      const request = { successBeforeMs: nowMs, failedBeforeMs: nowMs, ids: [...ids, ...kept, newId()], limit: 3 }
      expect(await store.deleteFinished(request)).toEqual({ rows: 3, isDone: false })
      expect(await store.deleteFinished(request)).toEqual({ rows: 1, isDone: true })
      expect(await store.deleteFinished(request)).toEqual({ rows: 0, isDone: true })
      for (const id of kept) expect((await look(store, project, id)).attempts).toHaveLength(1)
      for (const id of ids) expect(await store.getJob({ kind: 'apiKey', ...project }, id)).toBeNull()
      const left = await subject.database.read((connection) =>
        connection.query('select id from attempts where job_id in (?, ?)', ids),
      )
      expect(left).toEqual([])
    })

    it('deletes no more than about 4 MiB at a time', async () => {
      const { store } = subject
      const jobs = await createJobs(store, project, Array<object>(3).fill(LARGE))
      const claim = claimRequest(jobs)
      const { jobs: claimed } = await store.claim(claim)
      await store.recordAttempts(claimed.map((job) => record(job, claim.claimId, { nowMs: nowMs - 1 })))
      const request = { ...EVER, successBeforeMs: nowMs, ids: jobs.map(({ id }) => id), limit: 100 }
      // Three attempts and two jobs; the third has no room.
      expect(await store.deleteFinished(request)).toEqual({ rows: 5, isDone: false })
      expect(await store.deleteFinished(request)).toEqual({ rows: 1, isDone: true })
    })

    it('counts to the limit', async () => {
      const { store } = subject
      const before = await store.countFinished({ limit: 1_000 })
      await jobEndedAt(nowMs, 'CANCELLED')
      await jobEndedAt(nowMs, 'FAILED')
      expect(await store.countFinished({ limit: 1_000 })).toBe(before + 1)
      expect(await store.countFinished({ limit: 1 })).toBe(1)
    })

    it('gives a lease to one at a time, until it is over', async () => {
      const { store, other } = subject
      const take = (at: typeof store, holder: string, forMs = 60_000): Promise<boolean> =>
        at.takeLease({ name: 'walk', holder, forMs })
      for (let round = 0; round < 5; round += 1) {
        const name = `race ${round}`
        const racing = ['a', 'b', 'c', 'd'].map((holder, index) =>
          (index % 2 ? store : other).takeLease({ name, holder, forMs: 60_000 }),
        )
        expect((await Promise.all(racing)).filter((isTaken) => isTaken)).toHaveLength(1)
      }
      expect([await take(store, 'a'), await take(other, 'b'), await take(other, 'a', -1)]).toEqual([true, false, true])
      expect([await take(other, 'b'), await take(store, 'a')]).toEqual([true, false])
      expect(await store.takeLease({ name: 'another', holder: 'a', forMs: 60_000 })).toBe(true)
    })
  })

  describe(`of ${DAYS * JOBS_A_DAY} jobs`, () => {
    let subject: SqlSubject
    let project: Project
    beforeAll(async () => {
      subject = await open()
      project = await seedFinishedJobs(subject.store, subject.database)
    })

    it('reads a page, and deletes, by primary key', async () => {
      const seen: Statement[] = []
      const { capabilities } = subject.store
      const store = new SqlStore({ database: watched(subject.database, seen), clock: systemClock, capabilities })
      const limits = { successBeforeMs: dayMs(150), failedBeforeMs: dayMs(10) }
      const { ids, next } = await store.findFinished({ ...limits, after: '', limit: JOBS_A_DAY })
      expect([ids.length, next !== null]).toEqual([
        JOBS_A_DAY - PER_DAY.late - PER_DAY.SCHEDULED - PER_DAY.FAILED,
        true,
      ])
      await store.findFinished({ ...limits, after: next!, limit: JOBS_A_DAY })
      await store.deleteFinished({ ...EVER, ids: ids.slice(0, 50), limit: 200 })
      const statements = seen.filter(({ sql }) => /\bjobs\b/.test(sql))
      expect(statements).toHaveLength(3)
      for (const statement of statements) {
        const { kind } = subject.database.dialect
        const plan = await subject.database.read((connection) => explain(connection, kind, statement))
        expect([plan.scansTable, plan.indexes], plan.text).toEqual([false, ['primary']])
      }
    })

    it(
      'deletes what is old, and nothing else, while jobs are claimed, recorded and released',
      async () => {
        const days = { successDays: DAYS - 15, failedDays: DAYS - 5 }
        const counts = await runOnce(subject, days, () => busy(subject, project))
        // Attempts: one of what succeeded, three of what is dead.
        expect(counts.purged).toBe(15 * (PER_DAY.SUCCESS * 2 + PER_DAY.CANCELLED) + 5 * PER_DAY.DEAD * 4)
        expect(await rowsLeft(subject)).toEqual({
          SUCCESS: DAYS * (PER_DAY.SUCCESS + PER_DAY.late) - 15 * PER_DAY.SUCCESS + counts.own,
          CANCELLED: (DAYS - 15) * PER_DAY.CANCELLED,
          DEAD: (DAYS - 5) * PER_DAY.DEAD,
          SCHEDULED: DAYS * PER_DAY.SCHEDULED,
          FAILED: DAYS * PER_DAY.FAILED + counts.own,
          orphans: 0,
        })
        expect(await runOnce(subject, days)).toMatchObject({ purged: 0 })
      },
      PATIENCE_MS,
    )

    it('leaves the walk to the replica that has the lease', async () => {
      const days = { successDays: DAYS - 16, failedDays: null }
      expect(await runOnce(subject, days, undefined, 'replica-2')).toMatchObject({ purged: 0 })
      await subject.store.takeLease({ name: 'retention', holder: 'replica-1', forMs: -1 })
      const oneDay = PER_DAY.SUCCESS * 2 + PER_DAY.CANCELLED
      expect(await runOnce(subject, days, undefined, 'replica-2')).toMatchObject({ purged: oneDay })
    })
  })
})

/** One walk of the loop at `T0`, in a hurry; `beside` runs until the walk is over. Answers how much was deleted. */
async function runOnce(
  { store }: SqlSubject,
  days: { successDays: number | null; failedDays: number | null },
  beside?: () => Promise<void>,
  replicaId = 'replica-1',
): Promise<{ purged: number; own: number }> {
  const events = new Events()
  const counts = { purged: 0, own: 0 }
  const failures: unknown[] = []
  events.on('purged', ({ count }) => (counts.purged += count))
  events.on('unexpected', ({ error }) => failures.push(error))
  let isOver = false
  let rest = (): void => undefined
  const over = new Promise<void>((resolve) => {
    rest = () => {
      isOver = true
      resolve()
    }
  })
  const clock: Clock = {
    ...systemClock,
    wallMs: () => T0,
    sleep(delayMs, signal) {
      if (delayMs < 1_000) return Promise.resolve()
      rest()
      return systemClock.sleep(delayMs, signal)
    },
  }
  const retention = createRetention({ store, clock, events, replicaId, ...days })
  await retention.start()
  const work = async (): Promise<void> => {
    if (!beside) return
    do {
      await beside()
      counts.own += 1
    } while (!isOver)
  }
  await Promise.all([over, work()])
  await retention.stop()
  expect(failures).toEqual([])
  return counts
}

/** What an engine does meanwhile, through another store: two jobs created and claimed, one delivered, one released. */
async function busy({ other }: SqlSubject, project: Project): Promise<void> {
  const [first, second] = await createJobs(other, project, [{}, {}])
  const [claim, lost] = [claimRequest([first!]), claimRequest([second!], OVER)]
  const [claimed] = (await other.claim(claim)).jobs
  expect(claimed?.id).toBe(first!.id)
  expect((await other.claim(lost)).jobs).toHaveLength(1)
  expect(await other.recordAttempts([record(claimed!, claim.claimId)])).toEqual(['recorded'])
  const released = await other.releaseExpired(releaseRequest())
  expect(released.map(({ id }) => id)).toEqual([second!.id])
}

async function rowsLeft({ database }: SqlSubject): Promise<Record<string, number>> {
  return database.read(async (connection) => {
    const rows = await connection.query<{ status: string; total: number }>(
      'select status, count(*) as total from jobs group by status',
    )
    const [orphans] = await connection.query<{ total: number }>(
      'select count(*) as total from attempts where not exists (select 1 from jobs where jobs.id = attempts.job_id)',
    )
    return { ...Object.fromEntries(rows.map(({ status, total }) => [status, total])), orphans: orphans!.total }
  })
}
