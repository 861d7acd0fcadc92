/**
 * Two, then four servers on one database work off 20,000 jobs that are due at once, half of them each time: every job is
 * delivered, and once. `REPLICA_JOBS=40000` has them do 20,000 each time.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases } from '../../dispatch-backend/src/testing/databases.js'
import { ensureBuilt } from '../../scripts/compile.mjs'
import { ROOT } from '../../scripts/ensure.mjs'
import { withLock } from '../../scripts/lock.mjs'
import { lostEarlyOrForeign, openFleet, repeated, type Fleet } from './fleet.js'

const JOBS = Number(process.env['REPLICA_JOBS'] ?? 20_000) / 2
const SETTINGS = { CATCH_UP_RATE: '100000', MAX_CONCURRENCY_PER_ENDPOINT: '256' }

beforeAll(() => withLock(`${ROOT}.cache/ensure.lock`, () => ensureBuilt(ROOT)))

const servers = databases.filter(({ name }) => name !== 'SQLite')

describe.each(servers)('replicas on $name', (database) => {
  let fleet: Fleet

  beforeAll(async () => {
    fleet = await openFleet(database, SETTINGS)
  })

  afterAll(() => fleet.close())

  it('deliver each due job once, two of them and then four', { timeout: 600_000 }, async () => {
    await fleet.start(1)
    await drain('2 servers')
    await fleet.start(2)
    await drain('4 servers')
    expect(await fleet.stop()).toEqual([0, 0, 0, 0])
    expect(repeated(fleet.receiver.requests)).toEqual([])
  })

  async function drain(by: string): Promise<void> {
    const dueAtMs = Date.now() - 1
    const before = fleet.receiver.requests.length
    const jobs = await fleet.addJobs(Array.from({ length: JOBS }, () => dueAtMs))
    const requests = (await fleet.receiver.waitFor(before + JOBS, 250_000)).slice(before)
    const firstMs = requests[0]!.receivedAtMs
    const seconds = (Math.max(...requests.map(({ receivedAtMs }) => receivedAtMs)) - firstMs) / 1_000
    await fleet.untilFinished()
    expect(lostEarlyOrForeign(requests, jobs)).toEqual([])
    console.log(`${database.name}, ${by}: ${JOBS} jobs in ${seconds.toFixed(1)} s`)
  }
})
