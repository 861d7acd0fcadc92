/**
 * Rolls attempts up into buckets: the replica that holds the lease counts each minute once it is closed, and makes of the
 * minutes the wider buckets that charts are drawn from. Nothing is counted on the way of a delivery, and everything is
 * computed anew from what it is made of, so a pass that was cut off, or two at once, do no harm.
 *
 * A minute is closed when no transaction can be under way that adds to it unmarked (`LATE_AFTER_MS`). What comes later still
 * (results that waited for an absent database) is marked, and its minute counted again.
 */
import type { Clock } from '../clock.js'
import type { Events } from '../events.js'
import { Loop, type Service } from '../lifecycle.js'
import type { StatsBucket, StatsProgress, StatsStore } from '../store/stats-store.js'
import { isAbsence, type Store } from '../store/store.js'
import { addCounts } from './counts.js'
import { Tallies } from './tallies.js'
import { HOUR_MS, MINUTE_MS, startOf, WIDER_WIDTHS, WIDTHS } from './widths.js'

export interface RollUpDeps {
  readonly store: StatsStore & Pick<Store, 'takeLease'>
  readonly clock: Clock
  readonly events: Events
  /** Tells this process from other replicas. */
  readonly replicaId: string
}

const EVERY_MS = 10_000
/** `LATE_AFTER_MS`, a transaction's half minute, and some. */
export const CLOSED_AFTER_MS = 45_000
/** A minute of a busy instance takes a second or two. */
const LEASE_MS = 5 * MINUTE_MS
/** Of one pass. Their wider buckets are computed once. */
const MINUTES_AT_ONCE = 60
/** Rows that come over at a time: parsing more would hold up the event loop, and with it the webhooks. */
const PAGE_ATTEMPTS = 500
/** See `StatsStore.writeStatsBuckets`. */
const BUCKETS_AT_ONCE = 50
const PURGE_LIMIT = 500
/** Marks that are older are dropped: what their minute consists of may have been purged. */
const OLDEST_LATE_MS = 24 * HOUR_MS

export function createRollUp(deps: RollUpDeps): Service {
  const { clock, events } = deps
  return new Loop({
    clock,
    everyMs: EVERY_MS,
    run: (signal) => rollUp(deps, signal),
    onError: (error) => {
      if (!isAbsence(error)) events.emit('unexpected', { where: 'rolling up statistics', error })
    },
  })
}

/** One pass. Answers whether there is more to count at once. */
export async function rollUp(deps: RollUpDeps, signal: AbortSignal): Promise<boolean> {
  const { store, replicaId } = deps
  if (!(await store.takeLease({ name: 'stats', holder: replicaId, forMs: LEASE_MS }))) return false
  const progress = await store.readStatsProgress()
  const closedMs = startOf(progress.databaseNowMs - CLOSED_AFTER_MS, MINUTE_MS)
  const { minutes, untilMs } = await chooseMinutes(store, progress, closedMs)
  const counted: StatsBucket[] = []
  for (const minuteMs of minutes) {
    // Cut off here, all of them are counted again by the next pass.
    if (signal.aborted) return false
    counted.push(...(await countMinute(store, minuteMs)))
  }
  await writeAll(store, counted)
  await widen(store, counted, untilMs)
  if (progress.countedUntilMs !== untilMs || progress.late.length > 0) {
    await store.finishStats({ countedUntilMs: untilMs, lateIds: progress.late.map(({ id }) => id) })
  }
  if (untilMs < closedMs) return true
  return purge(store, progress.databaseNowMs)
}

/** Minutes that have attempts: those marked late, and the next ones of those not counted yet; `untilMs`: up to where. */
async function chooseMinutes(
  store: StatsStore,
  { countedUntilMs, databaseNowMs, late }: StatsProgress,
  closedMs: number,
): Promise<{ minutes: number[]; untilMs: number }> {
  const startMs = countedUntilMs ?? startOf(databaseNowMs - OLDEST_KEPT_MS, MINUTE_MS)
  const again = late.map(({ minuteMs }) => minuteMs)
  const minutes = again.filter((minuteMs) => minuteMs < startMs && minuteMs >= databaseNowMs - OLDEST_LATE_MS)
  let untilMs = startMs
  for (let chosen = 0; chosen < MINUTES_AT_ONCE && untilMs < closedMs; chosen += 1) {
    const nextMs = startOf((await store.findNextAttemptMs(untilMs)) ?? closedMs, MINUTE_MS)
    untilMs = Math.min(closedMs, nextMs + MINUTE_MS)
    if (nextMs < closedMs) minutes.push(nextMs)
  }
  return { minutes: [...new Set(minutes)], untilMs }
}

const OLDEST_KEPT_MS = Math.max(...WIDTHS.map(({ keptMs }) => keptMs))

async function countMinute(store: StatsStore, minuteMs: number): Promise<StatsBucket[]> {
  const range = { fromMs: minuteMs, untilMs: minuteMs + MINUTE_MS }
  const tallies = new Tallies()
  let after: string | undefined
  do {
    const page = await store.readAttemptFacts({ ...range, ...(after && { after }), limit: PAGE_ATTEMPTS })
    tallies.add(page)
    after = page.at(-1)?.id
  } while (after !== undefined)
  return tallies.minutes().map(({ projectId, counts }) => ({
    ...{ projectId, widthMs: MINUTE_MS, atMs: minuteMs, countedUntilMs: range.untilMs },
    ...counts,
  }))
}

/** Each width is made of the next narrower one. */
async function widen(store: StatsStore, minutes: readonly StatsBucket[], untilMs: number): Promise<void> {
  let narrower = minutes
  for (const { widthMs, madeOfMs } of WIDER_WIDTHS) {
    const projects = new Map<number, Set<string>>()
    for (const { projectId, atMs } of narrower) {
      const start = startOf(atMs, widthMs)
      projects.set(start, (projects.get(start) ?? new Set()).add(projectId))
    }
    const wider: StatsBucket[] = []
    for (const [atMs, projectIds] of projects) {
      for (const ids of piecesOf([...projectIds])) {
        const parts = await store.readStatsBuckets({
          projectIds: ids,
          widthMs: madeOfMs,
          fromMs: atMs,
          untilMs: atMs + widthMs,
        })
        const countedUntilMs = Math.min(atMs + widthMs, untilMs)
        wider.push(...joinParts(parts, { widthMs, atMs, countedUntilMs }))
      }
    }
    await writeAll(store, wider)
    narrower = wider
  }
}

function joinParts(
  parts: readonly StatsBucket[],
  place: Pick<StatsBucket, 'widthMs' | 'atMs' | 'countedUntilMs'>,
): StatsBucket[] {
  const byProject = new Map<string, StatsBucket[]>()
  for (const part of parts) addTo(byProject, part.projectId, part)
  return [...byProject].map(([projectId, own]) => ({ ...addCounts(own), projectId, ...place }))
}

async function writeAll(store: StatsStore, buckets: readonly StatsBucket[]): Promise<void> {
  for (const piece of piecesOf(buckets)) await store.writeStatsBuckets(piece)
}

async function purge(store: StatsStore, nowMs: number): Promise<boolean> {
  const ages = WIDTHS.map(({ widthMs, keptMs }) => ({ widthMs, beforeMs: startOf(nowMs - keptMs, widthMs) }))
  return (await store.purgeStats({ ages, limit: PURGE_LIMIT })) >= PURGE_LIMIT
}

function* piecesOf<Item>(items: readonly Item[]): Generator<readonly Item[]> {
  for (let start = 0; start < items.length; start += BUCKETS_AT_ONCE) yield items.slice(start, start + BUCKETS_AT_ONCE)
}

function addTo<Key, Item>(map: Map<Key, Item[]>, key: Key, item: Item): void {
  const items = map.get(key)
  if (items) items.push(item)
  else map.set(key, [item])
}
