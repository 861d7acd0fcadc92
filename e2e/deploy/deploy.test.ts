/**
 * The set-up of the self-hosting guide for real: PM2 with the committed ecosystem.config.js, nginx with the committed
 * deploy/nginx.conf, two processes on one database server. Under a steady load processes are restarted and killed.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../dispatch-backend/src/clock.js'
import { migrate } from '../../dispatch-backend/src/store/migrate.js'
import { databases } from '../../dispatch-backend/src/testing/databases.js'
import { findNginx, startNginx } from '../../dispatch-backend/src/testing/nginx.js'
import { startReceiver, type Receiver } from '../../dispatch-backend/src/testing/receiver.js'
import { freePort, isFree } from '../../dispatch-backend/src/testing/server-process.js'
import { ensureBuilt } from '../../scripts/compile.mjs'
import { ROOT } from '../../scripts/ensure.mjs'
import { withLock } from '../../scripts/lock.mjs'
import { request, signUp } from '../client.js'
import { databaseUrl } from '../server-process.js'
import { percentile } from '../../bench/samples.js'
import { startLoad, type Load } from './load.js'
import { siteOn } from './nginx-site.js'
import { startPm2, type Pm2 } from './pm2.js'

const nginx = findNginx()
/** One server database will do: that all of them work is shown elsewhere. */
const database = databases.find(({ name }) => name !== 'SQLite')
const isPossible = nginx !== undefined && database !== undefined
if (!isPossible) console.error('NOT RUN: the set-up of the guide (no nginx, or no database server, found)')

it.runIf(!isPossible && process.env['CI'] === 'true')('needs nginx and a database server', () => {
  expect(isPossible).toBe(true)
})

describe.skipIf(!isPossible)('the set-up of the guide', () => {
  const closing: (() => Promise<unknown>)[] = []
  let pm2: Pm2
  let receiver: Receiver
  let front: string
  let key: string

  beforeAll(async () => {
    await withLock(`${ROOT}.cache/ensure.lock`, () => ensureBuilt(ROOT))
    const { config, drop } = await database!.create()
    closing.push(drop)
    if (config.kind === 'sqlite') throw new Error('SQLite takes one process')
    await migrate(config, { clock: systemClock })
    receiver = await startReceiver({ respond: { delayMs: 20 } })
    closing.push(() => receiver.close())
    const ports = await twoFreePorts()
    pm2 = await startPm2({
      API_PROCESSES: '2',
      PORT: String(ports[0]),
      DATABASE_URL: databaseUrl(config),
      DISPATCH_ENCRYPTION_KEY: Buffer.alloc(32, 7).toString('base64'),
      TRUST_PROXY: 'true',
      ALLOW_PRIVATE_WEBHOOKS: 'true',
      RATE_LIMIT_PER_MINUTE: '0',
    })
    closing.push(() => pm2.close())
    await pm2.run('start', 'ecosystem.config.js')
    front = `http://127.0.0.1:${await startFront(ports)}`
    ;({ key } = await signUp(`http://127.0.0.1:${ports[1]}`))
  })

  afterAll(async () => {
    for (const close of closing.reverse()) await close()
  })

  async function startFront(ports: readonly [number, number]): Promise<number> {
    const port = await freePort()
    const running = await startNginx(nginx!, await siteOn(port, ports))
    closing.push(() => running.close())
    return port
  }

  const load = (dueInMs: readonly [number, number]): Load =>
    startLoad({ url: front, key, webhookUrl: `${receiver.url}/hook`, dueInMs })

  it('passes the API through', async () => {
    const { status } = await request('GET', `${front}/api/v1/jobs`, { headers: { 'x-api-key': key } })
    expect(status).toBe(200)
    expect((await pm2.processes()).map(({ status }) => status)).toEqual(['online', 'online'])
  })

  it(
    'restarts one process, then each, without a refused request, a lost or a doubled webhook',
    { timeout: 240_000 },
    async () => {
      const clients = load([2_000, 4_000])
      await clients.more(100)
      const [first] = await pm2.processes()
      await pm2.run('restart', String(first!.id))
      await clients.more(100)
      await pm2.run('restart', 'api-dispatch', '--parallel', '1')
      await clients.more(100)
      await clients.stop()
      expect(clients.refused, await pm2.logs()).toEqual([])
      expect((await pm2.processes()).map(({ restarts }) => restarts)).toEqual([2, 1])

      const all = clients.accepted
      await receiver.waitFor((requests) => new Set(requests.map(idOf)).size >= all.size)
      const delivered = receiver.requests.map(idOf)
      expect(new Set(delivered)).toEqual(new Set(all.keys()))
      expect(delivered).toHaveLength(all.size)
      const lateness = receiver.requests.map((received) => received.receivedAtMs - all.get(idOf(received))!)
      expect(Math.min(...lateness)).toBeGreaterThanOrEqual(0)
      console.log(
        `restarted under load: ${all.size} jobs; late p50 ${percentile(lateness, 50)} ms, p99 ${percentile(lateness, 99)} ms`,
      )
    },
  )

  it('takes every new job while a process is killed, and PM2 starts another', async () => {
    const clients = load([3_600_000, 7_200_000])
    await clients.more(100)
    const [first] = await pm2.processes()
    process.kill(first!.pid, 'SIGKILL')
    await clients.more(300)
    await expect
      .poll(async () => (await pm2.processes())[0], { interval: 500 })
      .toMatchObject({
        status: 'online',
        restarts: first!.restarts + 1,
      })
    await clients.stop()
    expect(clients.refused).toEqual([])
    // A new job that was sent a second time is one job: the first answer is given again.
    const { data } = await request<{ pagination: { total: number } }>(
      'GET',
      `${front}/api/v1/jobs?status=SCHEDULED&limit=1`,
      { headers: { 'x-api-key': key } },
    )
    expect(data.pagination.total).toBe(clients.accepted.size)
  })
})

function idOf({ headers }: Receiver['requests'][number]): string {
  return String(headers['webhook-id'])
}

/** PM2 counts the ports up, so they have to be neighbours. */
async function twoFreePorts(): Promise<readonly [number, number]> {
  for (;;) {
    const first = await freePort()
    if (await isFree(first + 1)) return [first, first + 1]
  }
}
