/**
 * Rate limits that replicas share through Redis: the same arithmetic as in memory (GCRA), in one script, so that two who take
 * at once cannot both take the last. Time is Redis's own, so replicas need not agree on theirs. While Redis is away each
 * process counts by itself.
 */
import { createHash } from 'node:crypto'
import type { Redis } from 'ioredis'
import type { Clock } from '../clock.js'
import type { SharedRedis } from '../redis.js'
import {
  allowanceOf,
  createRateLimiter,
  UNLIMITED,
  type Allowance,
  type RateLimiter,
  type RateLimitRule,
} from './rate-limiter.js'

/**
 * KEYS: where the time is kept at which the allowance is whole. ARGV: window, how much is asked for, and how much to add when
 * there is so much (negative: give back). Answers what was owed before, and whether something was added. All in µs. A debt is
 * never longer than the window, so that a clock set back shuts nobody out.
 */
const SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local window, asked, added = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local owed = math.min(window, math.max(0, (tonumber(redis.call('GET', KEYS[1])) or 0) - now))
if owed + asked > window then return {owed, 0} end
local owes = math.max(0, owed + added)
redis.call('SET', KEYS[1], string.format('%.0f', now + owes), 'PX', math.max(1, math.ceil(owes / 1000)))
return {owed, 1}
`
const SCRIPT_SHA = createHash('sha1').update(SCRIPT).digest('hex')

const US_PER_MS = 1_000

/** `rule` for all processes on the same Redis. */
export function createSharedRateLimiter(
  rule: RateLimitRule,
  { redis, clock }: { redis: SharedRedis; clock: Clock },
): RateLimiter {
  if (rule.limit === 0) return UNLIMITED
  const alone = createRateLimiter(rule, clock)
  const windowUs = rule.windowMs * US_PER_MS
  // Rounded down, so that the whole limit fits into the window.
  const costUs = Math.max(1, Math.floor(windowUs / rule.limit))

  const run = (key: string, asked: number, added: number): Promise<Owed | undefined> =>
    redis.ask((client) => runScript(client, keyOf(rule, key), [windowUs, asked, added]))

  return {
    async take(key) {
      const owed = await run(key, costUs, costUs)
      if (!owed) return alone.take(key)
      if (!owed.isAdded) return refusalOf(rule, owed.debtUs, costUs)
      return Object.assign(allowanceOf(rule, (owed.debtUs + costUs) / US_PER_MS), { waitMs: 0 })
    },
    async giveBack(key) {
      if (!(await run(key, 0, -costUs))) await alone.giveBack(key)
    },
  }
}

interface Owed {
  readonly debtUs: number
  readonly isAdded: boolean
}

function refusalOf(rule: RateLimitRule, debtUs: number, costUs: number): Allowance {
  const waitUs = Math.max(1, debtUs + costUs - rule.windowMs * US_PER_MS)
  return Object.assign(allowanceOf(rule, debtUs / US_PER_MS), { remaining: 0, waitMs: waitUs / US_PER_MS })
}

/** Hashed: keys of one length whatever callers write, and no addresses of people in Redis. */
function keyOf({ name }: RateLimitRule, key: string): string {
  return `limit:${name}:${createHash('sha256').update(key).digest('base64url').slice(0, 22)}`
}

async function runScript(client: Redis, key: string, values: readonly number[]): Promise<Owed> {
  try {
    return readAnswer(await client.evalsha(SCRIPT_SHA, 1, key, ...values))
  } catch (error) {
    // Its first use since Redis was started, or its scripts were flushed.
    if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
    return readAnswer(await client.eval(SCRIPT, 1, key, ...values))
  }
}

function readAnswer(answer: unknown): Owed {
  if (!Array.isArray(answer) || answer.length !== 2) throw new Error('Redis answered the script with something else')
  return { debtUs: Number(answer[0]), isAdded: Number(answer[1]) === 1 }
}
