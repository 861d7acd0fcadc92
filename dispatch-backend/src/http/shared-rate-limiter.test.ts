/** Two replicas and a real Redis, which comes and goes. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { Redis } from 'ioredis'
import { systemClock } from '../clock.js'
import { Events } from '../events.js'
import { SharedRedis, type RedisTimeouts } from '../redis.js'
import { databases } from '../testing/databases.js'
import { findRedis, PATIENT, type TestRedis } from '../testing/redis-server.js'
import { TcpProxy } from '../testing/tcp-proxy.js'
import type { RateLimiter, RateLimitRule } from './rate-limiter.js'
import { createSharedRateLimiter } from './shared-rate-limiter.js'
import { openTestApi, type TestApi } from './testing/test-api.js'

const server = await findRedis()
if (!server) console.error('NOT RUN: shared rate limits (no redis-server found)')

const HOUR_MS = 3_600_000
/** What a replica gives back by itself, while it is alone, is told by time. */
const STANDING = { ...systemClock, monotonicMs: () => 0 }
let rules = 0
/** A rule that no other case has used. */
const rule = (limit: number, windowMs = HOUR_MS): RateLimitRule => ({ name: `test-${(rules += 1)}`, limit, windowMs })

interface Replica {
  readonly redis: SharedRedis
  readonly limiter: (rule: RateLimitRule) => RateLimiter
  /** `away` and `back`, as announced. */
  readonly heard: string[]
  /** Of the last error. */
  readonly words: string
  /** Resolves when it has been announced so often in all. */
  announced(what: 'away' | 'back', times: number): Promise<void>
}

async function startReplica(
  url: string,
  timeouts: { timeouts?: RedisTimeouts } = { timeouts: PATIENT },
): Promise<Replica> {
  const events = new Events()
  const heard: string[] = []
  let words = ''
  events.on('redisAway', ({ error }) => {
    words = String(error)
    heard.push('away')
  })
  events.on('redisBack', () => heard.push('back'))
  const redis = new SharedRedis({ url, clock: systemClock, events, ...timeouts })
  await redis.start()
  return {
    redis,
    heard,
    get words() {
      return words
    },
    limiter: (each) => createSharedRateLimiter(each, { redis, clock: STANDING }),
    announced: (what, times) => expect.poll(() => heard.filter((word) => word === what)).toHaveLength(times),
  }
}

/** How many of so many tries at once pass. */
async function passes(limiter: RateLimiter, key: string, tries: number): Promise<number> {
  const all = await Promise.all(Array.from({ length: tries }, async () => limiter.take(key)))
  return all.filter((allowance) => allowance.waitMs === 0).length
}

it.runIf(!server && process.env['CI'] === 'true')('needs a redis-server', () => {
  expect(server).toBeDefined()
})

describe.skipIf(!server)('rate limits shared through Redis', () => {
  const redisServer = server as TestRedis
  let a: Replica
  let b: Replica
  beforeAll(() => redisServer.start())
  afterAll(() => redisServer.stop())
  beforeEach(async () => {
    a = await startReplica(redisServer.url)
    b = await startReplica(redisServer.url)
    return () => Promise.all([a.redis.stop(), b.redis.stop()])
  })

  it('hold for all replicas together, however they race', async () => {
    const shared = rule(50)
    const [one, two] = [a.limiter(shared), b.limiter(shared)]
    const passed = await Promise.all([passes(one, 'k', 60), passes(two, 'k', 60)])
    expect(passed[0] + passed[1]).toBe(50)
    expect(await passes(two, 'another', 1)).toBe(1)
    expect(a.heard).toEqual([])
  })

  it('say what is left, as in memory', async () => {
    const limiter = a.limiter(rule(4))
    expect(await limiter.take('k')).toEqual({ limit: 4, remaining: 3, wholeInMs: HOUR_MS / 4, waitMs: 0 })
    expect(await passes(limiter, 'k', 3)).toBe(3)
    const refused = await limiter.take('k')
    expect(refused).toMatchObject({ limit: 4, remaining: 0 })
    expect(refused.waitMs).toBeGreaterThan(HOUR_MS / 4 - 30_000)
    expect(refused.waitMs).toBeLessThanOrEqual(HOUR_MS / 4)
  })

  it('take back', async () => {
    const shared = rule(1)
    expect(await passes(a.limiter(shared), 'k', 2)).toBe(1)
    await b.limiter(shared).giveBack('k')
    expect(await passes(a.limiter(shared), 'k', 2)).toBe(1)
  })

  it('come back with time, by the clock of Redis', async () => {
    let limiter: RateLimiter
    // A machine that stalls may have one back before it has tried the third.
    await expect.poll(() => passes((limiter = a.limiter(rule(2, 400))), 'k', 3)).toBe(2)
    await expect.poll(() => passes(limiter, 'k', 1)).toBe(1)
  })

  it('are off at 0, without asking', async () => {
    await a.redis.stop()
    expect(await a.limiter(rule(0)).take('k')).toMatchObject({ limit: 0, waitMs: 0 })
  })

  it('leave no address in Redis, and nothing for longer than it counts', async () => {
    const client = new Redis(redisServer.url)
    await client.flushall()
    await a.limiter(rule(60)).take('203.0.113.77')
    const keys = await client.keys('*')
    expect(keys).toEqual([expect.stringMatching(/^dispatch:limit:test-\d+:[\w-]{22}$/)])
    const leftMs = await client.pttl(keys[0]!)
    expect(leftMs).toBeGreaterThan(0)
    expect(leftMs).toBeLessThanOrEqual(HOUR_MS / 60)
    client.disconnect()
  })

  it('survive flushed scripts, and a time that lies too far ahead', async () => {
    const shared = rule(10)
    const limiter = a.limiter(shared)
    await limiter.take('k')
    const client = new Redis(redisServer.url)
    await client.script('FLUSH')
    expect(await limiter.take('k')).toMatchObject({ remaining: 8 })
    const [key] = await client.keys(`dispatch:limit:${shared.name}:*`)
    // As after a Redis whose clock was set back by a day.
    await client.set(key!, String((systemClock.wallMs() + 24 * HOUR_MS) * 1_000))
    const refused = await limiter.take('k')
    expect(refused.waitMs).toBeGreaterThan(0)
    expect(refused.waitMs).toBeLessThanOrEqual(HOUR_MS / 10)
    client.disconnect()
    expect(a.heard).toEqual([])
  })

  it("are each replica's own while Redis is away, and shared again when it is back", async () => {
    const shared = rule(10)
    const [one, two] = [a.limiter(shared), b.limiter(shared)]
    expect(await passes(one, 'k', 10)).toBe(10)
    await redisServer.stop()
    const passed = await Promise.all([passes(one, 'k', 12), passes(two, 'k', 12)])
    expect(passed).toEqual([10, 10])
    await Promise.all([a.announced('away', 1), b.announced('away', 1)])
    await redisServer.start()
    await Promise.all([a.announced('back', 1), b.announced('back', 1)])
    const again = await Promise.all([passes(one, 'k', 12), passes(two, 'k', 12)])
    expect(again[0] + again[1]).toBe(10)
    expect(a.heard).toEqual(['away', 'back'])
  })

  it('start without Redis, and find it later', async () => {
    await redisServer.stop()
    const early = await startReplica(redisServer.url)
    expect(early.heard).toEqual(['away'])
    const limiter = early.limiter(rule(2))
    expect(await passes(limiter, 'k', 3)).toBe(2)
    await redisServer.start()
    await early.announced('back', 1)
    expect(await passes(limiter, 'k', 3)).toBe(2)
    await early.redis.stop()
  })

  it('wait a quarter of a second for a Redis that hangs, and only once', async () => {
    const network = await TcpProxy.start({ host: '127.0.0.1', port: redisServer.port })
    const far = await startReplica(`redis://127.0.0.1:${network.port}`, {})
    const limiter = far.limiter(rule(5))
    expect(await passes(limiter, 'k', 1)).toBe(1)
    // A machine that stalls takes it for hanging before it does.
    await expect.poll(() => far.heard.at(-1)).not.toBe('away')
    const before = far.heard.length
    network.arm('swallow-answer', /evalsha/i)
    expect(await passes(limiter, 'another', 6)).toBe(5)
    // The connection on which nothing is answered is given up for another, perhaps before we look.
    await expect.poll(() => far.heard.slice(before)).toEqual(['away', 'back'])
    await far.redis.stop()
    await network.close()
  })

  it('do without a Redis that does not let them write', async () => {
    const client = new Redis(redisServer.url)
    await client.call(
      'ACL',
      'SETUSER',
      'reader',
      'on',
      '>pass',
      '~*',
      '+@read',
      '+@connection',
      '+info',
      '+eval',
      '+evalsha',
    )
    const reader = await startReplica(`redis://reader:pass@127.0.0.1:${redisServer.port}`)
    expect(await passes(reader.limiter(rule(3)), 'k', 4)).toBe(3)
    expect(reader.heard).toEqual(['away'])
    await client.call('ACL', 'SETUSER', 'reader', '+@all')
    await reader.announced('back', 1)
    await reader.redis.stop()
    client.disconnect()
  })

  it.each(['time', 'get', 'set'])(
    'do without a Redis that forbids %s, and do not take it for back',
    async (command) => {
      const client = new Redis(redisServer.url)
      const user = `without-${command}`
      await client.call('ACL', 'SETUSER', user, 'on', '>pass', '~*', '+@all', `-${command}`)
      const events = new Events()
      let probes = 0
      const clock = {
        ...systemClock,
        sleep: (...[ms, signal]: Parameters<typeof systemClock.sleep>) => {
          probes += 1
          return systemClock.sleep(Math.min(ms, 20), signal)
        },
      }
      const heard: string[] = []
      events.on('redisAway', () => heard.push('away'))
      events.on('redisBack', () => heard.push('back'))
      const url = `redis://${user}:pass@127.0.0.1:${redisServer.port}`
      const redis = new SharedRedis({ url, clock, events, timeouts: PATIENT })
      await redis.start()
      const limiter = createSharedRateLimiter(rule(3), { redis, clock })
      expect(await passes(limiter, 'k', 4)).toBe(3)
      const before = probes
      await expect.poll(() => probes).toBeGreaterThan(before + 3)
      expect(heard).toEqual(['away'])
      await client.call('ACL', 'SETUSER', user, '+@all')
      await expect.poll(() => heard).toEqual(['away', 'back'])
      await redis.stop()
      client.disconnect()
    },
  )

  it('do without a Redis that refuses the password, and never repeat it', async () => {
    const client = new Redis(redisServer.url)
    await client.config('SET', 'requirepass', 'right')
    const refused = await startReplica(`redis://:hunter2@127.0.0.1:${redisServer.port}`)
    expect(await passes(refused.limiter(rule(3)), 'k', 4)).toBe(3)
    expect(refused.heard).toEqual(['away'])
    expect(refused.words).toMatch(/WRONGPASS|NOAUTH/)
    expect(refused.words).not.toContain('hunter2')
    await client.config('SET', 'requirepass', 'hunter2')
    await refused.announced('back', 1)
    await client.config('SET', 'requirepass', '')
    await refused.redis.stop()
    client.disconnect()
  })

  describe('in two apps', () => {
    let apis: TestApi[]
    beforeEach(async () => {
      const limits = { maxBodyBytes: 100_000, perMinutePerKey: 0, perMinutePerAddress: 4, authPer15Minutes: 0 }
      // An hour instead of a minute, or a machine that stalls for 15 s gives a call back.
      const slow = ({ limiter }: Replica) => {
        return (each: RateLimitRule) => limiter({ ...each, windowMs: 60 * each.windowMs })
      }
      apis = await Promise.all(
        [a, b].map((replica) => openTestApi(databases[0]!, { limits, createRateLimiter: slow(replica) })),
      )
      return () => Promise.all(apis.map((api) => api.close()))
    })
    const stranger = async (api: TestApi, from: string) => {
      const { status, headers, json } = await api.call({ path: '/jobs', key: 'sk_wrong', from })
      return { status, json, left: headers['ratelimit-remaining'], headers }
    }

    it('count a stranger wherever they knock, and tell them in headers', async () => {
      const from = '203.0.113.8'
      const answers = []
      for (const api of [apis[0]!, apis[1]!, apis[0]!, apis[1]!, apis[0]!]) answers.push(await stranger(api, from))
      expect(answers.map(({ status, left }) => [status, left])).toEqual([
        [401, '3'],
        [401, '2'],
        [401, '1'],
        [401, '0'],
        [429, '0'],
      ])
      const { headers, json } = answers[4]!
      expect(headers['ratelimit-limit']).toBe('4')
      // 3600 s and 900 s, less the time that the five calls took.
      const [resetS, afterS] = [Number(headers['ratelimit-reset']), Number(headers['retry-after'])]
      expect(resetS - afterS).toBe(2_700)
      expect(resetS).toBeGreaterThan(2_700)
      expect(resetS).toBeLessThanOrEqual(3_600)
      expect(headers['x-error-code']).toBe('RATE_LIMITED')
      expect(json).toEqual({ status: false, message: expect.stringMatching(/./), data: null })
      expect((await stranger(apis[1]!, '203.0.113.9')).status).toBe(401)
    })

    it('answer on while Redis is away', async () => {
      const from = '203.0.113.10'
      await stranger(apis[0]!, from)
      await redisServer.stop()
      const answers = []
      for (let index = 0; index < 5; index += 1) answers.push(await stranger(apis[0]!, from))
      expect(answers.map(({ status }) => status)).toEqual([401, 401, 401, 401, 429])
      await redisServer.start()
      await a.announced('back', 1)
      expect(await stranger(apis[0]!, from)).toMatchObject({ status: 401, left: '3' })
    })
  })
})
