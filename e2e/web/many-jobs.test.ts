/** The list above ten thousand jobs: what it says of its total, and of what a search did not look at. */
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../dispatch-backend/src/clock.js'
import { openDriver } from '../../dispatch-backend/src/store/driver.js'
import { copyJob } from '../../dispatch-backend/src/testing/copy-job.js'
import { post, signUp } from '../client.js'
import { accessibilityProblems, openDashboard, PHONE, useSession } from './browser.js'

const HOUR_MS = 3_600_000
const DEADLINE_MS = 120_000
const COPIES = 12_345

test('a list of more than ten thousand says how far it counted and searched', { timeout: 600_000 }, async () => {
  const dashboard = await openDashboard()
  try {
    const project = await signUp(dashboard.server.url)
    const { id } = await post<{ id: string }>(
      `${dashboard.server.url}/api/v1/jobs`,
      {
        title: 'Nightly report',
        webhookUrl: 'https://hooks.example.com/report',
        fireAt: new Date(Date.now() + 24 * HOUR_MS).toISOString(),
      },
      { 'x-api-key': project.key },
    )
    const file = join(dashboard.server.folder, 'dispatch.db')
    const { database } = openDriver({ kind: 'sqlite', file }, { clock: systemClock, deadlineMs: DEADLINE_MS })
    await copyJob(database, id, { from: 0, count: COPIES })
    await database.close()

    const { page, complaints } = await dashboard.open({ reducedMotion: 'reduce' })
    await useSession(page, project.token)
    await page.goto('/jobs')
    await page.getByText('10,000+ in all').waitFor()
    // All pages are there all the same: twenty a page.
    await page.getByText(`1 / ${Math.ceil((COPIES + 1) / 20)}`).waitFor()
    expect(await page.getByText('Looked among').count()).toBe(0)

    await page.goto('/jobs?q=report')
    await page.getByText('Looked among the first 10,000 jobs of this list.').waitFor()
    await page.getByText('There are more, which were not looked at').waitFor()
    await page.getByText('10,000 in all').waitFor()
    await page.setViewportSize(PHONE)
    await page.getByText('Looked among the first 10,000 jobs of this list.').waitFor()
    expect(await accessibilityProblems(page)).toEqual([])

    await page.goto('/jobs?q=nothing-like-it')
    await page.getByText('No such jobs').waitFor()
    await page.getByText('Looked among the first 10,000 jobs of this list.').waitFor()
    expect(complaints()).toEqual([])
  } finally {
    await dashboard.close()
  }
})
