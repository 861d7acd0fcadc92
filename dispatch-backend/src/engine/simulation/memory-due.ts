/** What comes due in memory: which jobs a read of it looks at, and which of them it leaves out. */
import type { DueJob, DuePage, DuePlace, DueQuery } from '../../store/store.js'
import type { MemoryJob } from './memory-store.js'

/** See `EngineStore.readDue`. */
export function pageOf(all: Iterable<MemoryJob>, query: DueQuery): DuePage {
  const due = [...all].filter((job) => isWithin(job, query)).map(toDue)
  const page = due.sort(byDueThenId).slice(0, query.scanLimit)
  const jobs = page.filter((job) => !isLeftOut(job, query)).slice(0, query.limit)
  if (jobs.length === query.limit) return { jobs, next: placeOf(jobs) }
  return { jobs, next: page.length === query.scanLimit ? placeOf(page) : undefined }
}

export function byDueThenId(a: { dueAtMs: number; id: string }, b: { dueAtMs: number; id: string }): number {
  return a.dueAtMs - b.dueAtMs || (a.id < b.id ? -1 : 1)
}

function isWithin(job: MemoryJob, query: DueQuery): boolean {
  const { dueAtMs } = job
  if (dueAtMs === null || dueAtMs < query.fromMs || dueAtMs >= query.untilMs) return false
  if (query.after && (dueAtMs < query.after.dueAtMs || (dueAtMs === query.after.dueAtMs && job.id <= query.after.id)))
    return false
  return true
}

function isLeftOut(job: DueJob, query: DueQuery): boolean {
  if (query.share && Number.parseInt(job.id.slice(-3), 16) % query.share.count !== query.share.index) return true
  if (query.excludeProjectIds.includes(job.projectId)) return true
  return query.excludeEndpoints.some(
    ([projectId, endpoint]) => projectId === job.projectId && endpoint === job.endpoint,
  )
}

function placeOf(jobs: readonly DueJob[]): DuePlace {
  const { dueAtMs, id } = jobs.at(-1)!
  return { dueAtMs, id }
}

export function toDue(job: MemoryJob): DueJob {
  const { id, projectId, endpoint, payload } = job
  return { id, projectId, endpoint, dueAtMs: job.dueAtMs!, payloadBytes: Buffer.byteLength(payload) }
}
