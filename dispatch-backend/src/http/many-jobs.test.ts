/** What lists answer around ten thousand jobs, where they stop counting and searching exactly. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { jobPage } from 'dispatch-contract'
import { systemClock } from '../clock.js'
import { openDriver } from '../store/driver.js'
import type { Database } from '../store/sql/database.js'
import { copyJob } from '../testing/copy-job.js'
import { databases } from '../testing/databases.js'
import { type Account, jobIds, openTestApi, type TestApi } from './testing/test-api.js'

const DEADLINE_MS = 30_000
const LIMIT = 10_000

describe.each(databases)('lists of many jobs on $name', (testDatabase) => {
  let api: TestApi
  let database: Database
  let account: Account
  let oldest: string
  let copied: string
  beforeAll(async () => {
    const created = await testDatabase.create()
    api = await openTestApi({ ...testDatabase, create: () => Promise.resolve(created) })
    ;({ database } = openDriver(created.config, { clock: systemClock, deadlineMs: DEADLINE_MS }))
    account = await api.signUp()
    const project = await api.project(account)
    oldest = await api.job(project, { title: 'The oldest of all' })
    api.clock.advance(60_000)
    copied = await api.job(project, { title: 'Nightly report' })
    await copyJob(database, copied, { from: 0, count: LIMIT - 2 })
  })
  afterAll(async () => {
    await database.close()
    await api.close()
  })

  const list = async (query: string) => {
    const answer = await api.call({ path: `/jobs?limit=20&${query}`, token: account.token })
    expect(answer.status).toBe(200)
    expect(jobPage.strict().parse(answer.json.data)).toEqual(answer.json.data)
    return { ids: jobIds(answer), ...jobPage.parse(answer.json.data) }
  }

  it('count and search all of ten thousand, and of more say that they did not', async () => {
    expect((await list('')).pagination).toMatchObject({ total: LIMIT, totalIsExact: true, totalPages: LIMIT / 20 })
    for (const sort of ['', '&sort=due', '&order=asc']) {
      const found = await list(`q=oldest${sort}`)
      expect(found).toMatchObject({ ids: [oldest], search: { searched: LIMIT, limited: false } })
      expect(found.pagination).toMatchObject({ total: 1, totalIsExact: true })
    }

    await copyJob(database, copied, { from: LIMIT, count: 50 })
    for (const sort of ['', 'sort=due']) {
      expect((await list(sort)).pagination).toMatchObject({ total: LIMIT + 50, totalIsExact: false })
    }
    const all = await list('q=report')
    expect(all).toMatchObject({ search: { searched: LIMIT, limited: true } })
    expect(all.pagination).toMatchObject({ total: LIMIT, totalIsExact: true })
    expect(all.ids).toHaveLength(20)
    for (const sort of ['', '&sort=due']) {
      const missed = await list(`q=oldest${sort}`)
      expect(missed).toMatchObject({ ids: [], search: { searched: LIMIT, limited: true } })
    }
    // Narrowed, or from the other end, it is among the first.
    expect(await list('q=oldest&order=asc')).toMatchObject({ ids: [oldest], search: { limited: true } })
    const { createdAt } = (await api.call({ path: `/jobs/${copied}`, token: account.token })).json.data
    expect(await list(`q=oldest&to=${createdAt}`)).toMatchObject({
      ids: [oldest],
      search: { searched: 1, limited: false },
    })
  })

  it('page to the end, each job once, whichever way they are merged', async () => {
    for (const order of ['asc', 'desc']) {
      const pages = [499, 500, 501, 502, 503]
      const answers = await Promise.all(pages.map((page) => list(`sort=due&order=${order}&page=${page}`)))
      const ids = answers.flatMap((answer) => answer.ids)
      expect(ids).toHaveLength(20 + 20 + 20 + 20 + 10)
      expect(new Set(ids).size).toBe(ids.length)
      expect(ids.at(-1) === oldest).toBe(order === 'desc')
      const sorted = ids.toSorted()
      expect(order === 'asc' ? ids : ids.toReversed()).toEqual(sorted)
    }
  })
})
