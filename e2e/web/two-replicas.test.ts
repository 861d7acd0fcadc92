/** Two servers on one database: who looks at the one sees what the other does. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databases } from '../../dispatch-backend/src/testing/databases.js'
import { startReceiver, type Receiver } from '../../dispatch-backend/src/testing/receiver.js'
import { systemClock } from '../../dispatch-backend/src/clock.js'
import { migrate } from '../../dispatch-backend/src/store/migrate.js'
import { ensureBuilt } from '../../scripts/compile.mjs'
import { ROOT } from '../../scripts/ensure.mjs'
import { withLock } from '../../scripts/lock.mjs'
import type { Browser } from 'playwright-core'
import { scheduleSoon, signUp } from '../client.js'
import { databaseUrl, makeFolder, removeFolder, startServerProcess, type ServerProcess } from '../server-process.js'
import { launchChromium, openVisitor, useSession } from './browser.js'

const shared = databases.filter(({ name }) => !/sqlite/i.test(name))

describe.each(shared)('two replicas on $name', (database) => {
  let folder: string
  let browser: Browser
  let receiver: Receiver
  let drop: () => Promise<void>
  let servers: ServerProcess[]

  beforeAll(async () => {
    await withLock(`${ROOT}.cache/ensure.lock`, () => ensureBuilt(ROOT))
    folder = await makeFolder()
    receiver = await startReceiver()
    const created = await database.create()
    drop = created.drop
    await migrate(created.config, { clock: systemClock })
    const settings = {
      DATABASE_URL: databaseUrl(created.config),
      DISPATCH_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
      ALLOW_PRIVATE_WEBHOOKS: 'true',
    }
    servers = await Promise.all([startServerProcess(folder, settings), startServerProcess(folder, settings)])
    browser = await launchChromium()
  })

  afterAll(async () => {
    await browser.close()
    for (const server of servers) server.signal('SIGTERM')
    await Promise.all(servers.map((server) => server.ended()))
    await receiver.close()
    await drop()
    await removeFolder(folder)
  })

  test('a job that the other one took and fired turns green without a reload', async () => {
    const [watched, other] = servers.map(({ url }) => url) as [string, string]
    const project = await signUp(other)
    const { page, complaints } = await openVisitor(browser, { baseURL: watched })
    await useSession(page, project.token)
    const following = page.waitForResponse(/\/api\/v1\/events$/)
    await page.goto('/jobs')
    await following
    // Both replicas fire: of so many jobs, each surely some.
    const titles = Array.from({ length: 12 }, (_, index) => `Job ${index}`)
    for (const title of titles) {
      await scheduleSoon(other, project.key, { title, webhookUrl: `${receiver.url}/hook` }, 3000)
    }
    await receiver.waitFor(titles.length)
    for (const title of titles) {
      await page
        .getByRole('row', { name: new RegExp(`${title}\\b`) })
        .getByText('SUCCESS')
        .filter({ visible: true })
        .waitFor()
    }
    expect(complaints()).toEqual([])
  })
})
