/** On a hundred thousand jobs, no verb of the hot path or of a list may read more of them than it needs. */
import { beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../clock.js'
import { databases } from '../../testing/databases.js'
import { JobCounter } from '../sql/job-counter.js'
import { SqlStore } from '../sql-store.js'
import type { DueQuery, JobExportQuery, JobListQuery, JobPage } from '../store.js'
import { MANY, seedManyJobs } from './many-jobs.js'
import { shareSubject, type SqlSubject } from './open-subject.js'
import { explain, watched, type Statement, type Table, type TablePlan } from './query-plan.js'
import {
  ALL_DUE,
  claimRequest,
  createJobs,
  failure,
  keyScope,
  newId,
  releaseRequest,
  T0,
  type Project,
} from './subject.js'

describe.each(databases)('query plans on $name', (testDatabase) => {
  const open = shareSubject(testDatabase)
  let subject: SqlSubject
  let store: SqlStore
  let projects: (Project & { userId: string })[]
  const seen: Statement[] = []

  beforeAll(async () => {
    subject = await open()
    projects = await seedManyJobs(subject.store, subject.database)
    const { capabilities } = subject.store
    store = new SqlStore({ database: watched(subject.database, seen), clock: systemClock, capabilities })
  })

  /** Plans of the statements on the table that `run` causes. */
  async function plansOf(run: () => Promise<unknown>, table: Table = 'jobs'): Promise<TablePlan[]> {
    seen.length = 0
    await run()
    const statements = seen.filter(({ sql }) => new RegExp(`\\b${table}\\b`).test(sql) && !sql.startsWith('insert'))
    const { database } = subject
    return database.read(async (connection) => {
      const plans: TablePlan[] = []
      for (const statement of statements) plans.push(await explain(connection, database.dialect.kind, statement, table))
      return plans
    })
  }

  /** Every statement searches by one of these indexes and none reads the whole table. */
  function expectSearch(plans: readonly TablePlan[], ...allowed: readonly string[]): void {
    expect(plans.length).toBeGreaterThan(0)
    for (const plan of plans) {
      expect(plan.scansTable, plan.text).toBe(false)
      expect(plan.indexes.length, plan.text).toBeGreaterThan(0)
      for (const index of plan.indexes) expect(allowed, plan.text).toContain(index)
    }
  }

  const onTime: DueQuery = { ...ALL_DUE, fromMs: T0 + 1_000_000, untilMs: T0 + 1_012_000, limit: 500 }

  it('readDue goes along the due index, however it is narrowed', async () => {
    const { jobs } = await store.readDue(onTime)
    const excludes = {
      excludeProjectIds: [projects[0]!.projectId],
      excludeEndpoints: [[projects[1]!.projectId, 'https://hooks.example.com:443']] as const,
    }
    expectSearch(await plansOf(() => store.readDue(onTime)), 'jobs_due')
    expectSearch(await plansOf(() => store.readDue({ ...onTime, fromMs: 0 })), 'jobs_due')
    expectSearch(await plansOf(() => store.readDue({ ...onTime, share: { index: 1, count: 3 } })), 'jobs_due')
    expectSearch(await plansOf(() => store.readDue({ ...onTime, ...excludes })), 'jobs_due')
    const page = await plansOf(() => store.readDue({ ...onTime, ...excludes, after: jobs[0]! }))
    expect(page).toHaveLength(2)
    expectSearch(page, 'jobs_due')
  })

  it('releaseExpired goes along the lease index', async () => {
    await store.heartbeat({ replicaId: 'replica-a', staleAfterMs: 60_000 })
    const [sweep] = await plansOf(() => store.releaseExpired(releaseRequest({ staleAfterMs: 60_000 })))
    expectSearch([sweep!], 'jobs_lease')
  })

  it('claim, record, hand back and cancel go by primary key', async () => {
    const jobs = await createJobs(subject.store, projects[0]!, Array<object>(20).fill({}))
    const { claimId, ...request } = claimRequest(jobs)
    // The due index holds the id too, and fewer rows.
    expectSearch(await plansOf(() => store.claim({ ...request, claimId })), 'primary', 'jobs_due')
    const { jobs: claimed } = await subject.store.claim({ ...request, claimId })
    expect(claimed).toHaveLength(20)
    const [first, ...rest] = claimed
    const records = rest.map((job) => failure(job, claimId, T0 + 30_000))
    expectSearch(await plansOf(() => store.recordAttempts(records)), 'primary')
    expectSearch(await plansOf(() => store.handBack([{ id: first!.id, claimId }])), 'primary')
    const scope = keyScope(projects[0]!)
    const cancels = jobs.map(({ id }) => ({ id, scope, retrying: true, nowMs: T0 }))
    expectSearch(await plansOf(() => store.cancelJobs(cancels)), 'primary')
    expectSearch(
      await plansOf(() => store.getJob({ kind: 'user', userId: projects[0]!.userId }, jobs[0]!.id)),
      'primary',
    )
  })

  /** A list counts, finds the ids of the page, and fetches these rows; how it counts is the planner's affair. */
  async function expectList(index: string, query: Partial<JobListQuery>): Promise<void> {
    const scope = { kind: 'user', userId: projects[0]!.userId } as const
    const plans = await plansOf(() => store.listJobs({ scope, page: 2, limit: 20, ...query }))
    expect(plans.length).toBeGreaterThanOrEqual(3)
    expectSearch([plans.at(-2)!], index)
    expectSearch([plans.at(-1)!], 'primary')
  }

  it('lists go along the index that ends in the id', async () => {
    const { projectId } = projects[0]!
    await expectList('jobs_organization', {})
    await expectList('jobs_project', { projectId })
    await expectList('jobs_project', { scope: keyScope(projects[0]!) })
    await expectList('jobs_project_status', { statuses: ['SCHEDULED'] })
    await expectList('jobs_project_status', { projectId, statuses: ['FAILED'] })
    await expectList('jobs_project_status', { statuses: ['FAILED', 'DEAD'], ascending: true })
  })

  it('lists of a time go along a range of the index', async () => {
    const { projectId } = projects[0]!
    const everything = { fromMs: 0, toMs: T0 }
    await expectList('jobs_organization', everything)
    await expectList('jobs_project', { ...everything, projectId, ascending: true })
    await expectList('jobs_project_status', { ...everything, statuses: ['SCHEDULED', 'SUCCESS'] })
  })

  it('lists by due time go along the index of states and due times', async () => {
    const { projectId } = projects[0]!
    const range = { fromMs: T0, toMs: T0 + 5_000_000 }
    for (const ascending of [false, true]) {
      await expectList('jobs_project_due', { sort: 'due', ascending })
      await expectList('jobs_project_due', { sort: 'due', ascending, ...range })
      await expectList('jobs_project_due', { sort: 'due', ascending, projectId, statuses: ['SCHEDULED', 'FAILED'] })
      await expectList('jobs_project_due', {
        sort: 'due',
        ascending,
        scope: keyScope(projects[0]!),
        statuses: ['SUCCESS'],
      })
    }
  })

  it('exports go on along the index of the list, and look up rows and attempts by key', async () => {
    const { projectId, userId } = projects[0]!
    const scope = { kind: 'user', userId } as const
    const expectExport = async (index: string, filter: Partial<JobExportQuery>): Promise<void> => {
      for (const ascending of [false, true]) {
        const query = { scope, ascending, limit: 200, withPayload: true, maxPayloadBytes: 1_000_000, ...filter }
        const first = await store.exportJobs(query)
        if (first === 'too-many-projects' || !first.next) return expect.unreachable()
        const after = first.next
        const plans = await plansOf(() => store.exportJobs({ ...query, after }))
        // A list of many stretches is read in rounds.
        const lookUps = plans.findIndex((plan) => !plan.indexes.includes(index))
        expect(lookUps).toBeGreaterThan(0)
        expectSearch(plans.slice(0, lookUps), index)
        expectSearch(plans.slice(lookUps), 'primary')
        expectSearch(await plansOf(() => store.exportJobs({ ...query, after }), 'attempts'), 'attempts_job')
      }
    }
    await expectExport('jobs_organization', {})
    await expectExport('jobs_project', { projectId })
    await expectExport('jobs_project_status', { projectId, statuses: ['SUCCESS'] })
    await expectExport('jobs_project_due', { projectId, statuses: ['SUCCESS'], sort: 'due' })
    await expectExport('jobs_project_due', { sort: 'due' })
    await expectExport('jobs_organization', { text: 'nightly' })
  })

  it('searches read ten thousand jobs at the most, along the index', async () => {
    const scope = { kind: 'user', userId: projects[0]!.userId } as const
    const text = { text: 'hooks.example' }
    const page = await store.listJobs({ scope, page: 2, limit: 20, ...text })
    expect(page).toMatchObject({ total: 10_000, search: { searched: 10_000, limited: true } })
    for (const query of [text, { ...text, sort: 'due' as const }, { endpoint: 'https://hooks.example.com:443' }]) {
      const plans = await plansOf(() => store.listJobs({ scope, page: 2, limit: 20, ...query }))
      expectSearch([plans.at(-1)!], 'primary')
      // The rows of a tenth of this small table: PostgreSQL rightly reads all of it, and of a larger one those by key.
      if (subject.database.dialect.kind === 'postgres') continue
      expectSearch([plans.at(-2)!], 'primary')
      expectSearch(plans.slice(0, -2), 'sort' in query ? 'jobs_project_due' : 'jobs_organization')
    }
  })

  it('counts exactly up to ten thousand, and above that keeps a full count', async () => {
    const scope = { kind: 'user', userId: projects[0]!.userId } as const
    const list = async (filter: object): Promise<JobPage> => {
      const page = await store.listJobs({ scope, page: 1, limit: 1, ...filter })
      return page === 'too-many-projects' ? expect.unreachable(page) : page
    }
    const own = MANY / 5
    // Another case has added twenty.
    const before = await list({})
    expect(before.totalIsExact).toBe(false)
    expect([own, own + 20]).toContain(before.total)
    expect(await list({ projectId: projects[1]!.projectId })).toMatchObject({ total: own / 4, totalIsExact: true })
    await createJobs(subject.store, projects[1]!, [{}])
    expect(await list({ projectId: projects[1]!.projectId })).toMatchObject({ total: own / 4 + 1 })
    expect(await list({})).toMatchObject({ total: before.total, totalIsExact: false })
  })

  it('counts all stretches of a list together to a limit, not each of them', async () => {
    const sources = projects.map(({ projectId }) => ({ column: 'project_id', id: projectId }) as const)
    const counter = new JobCounter(systemClock)
    expect(await subject.database.read((connection) => counter.countTo(connection, sources, 100))).toBe(100)
  })

  it('statistics count jobs along the indexes of a project, and look up those of chosen attempts by primary key', async () => {
    const projectIds = projects.map(({ projectId }) => projectId)
    const byState = ['jobs_project_status', 'jobs_project_due']
    expectSearch(await plansOf(() => store.countStates({ projectIds, limit: 10_000 })), ...byState)
    const due = { projectIds, fromMs: T0, untilMs: T0 + 86_400_000, limit: 10_000 }
    const [scheduled, retries] = await plansOf(() => store.countDue(due))
    // PostgreSQL sorts while all that are scheduled are few.
    const isPostgres = testDatabase.name === 'PostgreSQL'
    expectSearch([scheduled!], 'jobs_project_due', ...(isPostgres ? ['jobs_project_status'] : []))
    expectSearch([retries!], ...byState)
    expectSearch(await plansOf(() => store.readJobStates([newId(), newId()])), 'primary')
    expectSearch(await plansOf(() => store.readFailures({ ids: [newId()], projectIds })), 'primary')
    const facts = { fromMs: T0, untilMs: T0 + 60_000, limit: 500 }
    expectSearch(await plansOf(() => store.readAttemptFacts(facts)), 'primary')
  })

  it('attempts are read along their primary key, or as those of one job', async () => {
    const projectIds = projects.map(({ projectId }) => projectId)
    const facts = { fromMs: 0, untilMs: 2 * T0, limit: 500 }
    const [first] = await store.readAttemptFacts(facts)
    const [last] = await store.readAttemptFacts({ ...facts, newestFirst: true })
    for (const query of [
      facts,
      { ...facts, after: first!.id },
      { ...facts, newestFirst: true },
      { ...facts, after: last!.id, newestFirst: true },
    ]) {
      expectSearch(await plansOf(() => store.readAttemptFacts(query), 'attempts'), 'primary')
    }
    expectSearch(await plansOf(() => store.findNextAttemptMs(0), 'attempts'), 'primary')
    expectSearch(await plansOf(() => store.readRecentChanges({ fromMs: 0, limit: 1_000 }), 'attempts'), 'primary')
    const ids = [newId(), newId()]
    expectSearch(await plansOf(() => store.readFailures({ ids, projectIds }), 'attempts'), 'primary')
    const [job] = await createJobs(subject.store, projects[0]!, [{}])
    expectSearch(await plansOf(() => store.getJob(keyScope(projects[0]!), job!.id), 'attempts'), 'attempts_job')
  })

  it('purging does not look for jobs of projects that only wait until their own row may go', async () => {
    const { projectId } = await subject.seedProject()
    await subject.store.markProjectDeleted({ id: projectId, nowMs: T0 })
    expect(await subject.store.purgeDeleted({ limit: 100 })).toBe(2)
    expect(await plansOf(() => store.purgeDeleted({ limit: 100 }))).toEqual([])
  })

  it('purging a project chooses by its index and deletes by primary key', async () => {
    await subject.store.markProjectDeleted({ id: projects[3]!.projectId, nowMs: T0 })
    const [chosen, ...others] = await plansOf(() => store.purgeDeleted({ limit: 100 }))
    expectSearch([chosen!], 'jobs_project')
    expectSearch(others, 'primary')
  })
})
