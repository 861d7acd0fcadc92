/** All jobs of a filter, page by page: what a download is made of. */
import type { Clock } from '../clock.js'
import type { ExportedJob, JobFilter, JobPlace, Store } from '../store/store.js'
import { notFound, requireId } from './id.js'
import { tooManyProjects } from './job.js'

export interface JobExportDeps {
  readonly store: Pick<Store, 'exportJobs' | 'findReachableProjects'>
  readonly clock: Pick<Clock, 'monotonicMs'>
}

export interface JobExport {
  readonly filter: JobFilter
  readonly withPayload: boolean
  /** Throws when the caller may not read on: a download can outlast its credentials. */
  readonly requireCaller: () => Promise<void>
}

/** Jobs looked at for a page, and bytes of their payloads: what an export holds in memory. */
const PAGE_JOBS = 500
const PAGE_PAYLOAD_BYTES = 1024 * 1024
/** How often the caller is judged anew. */
const JUDGE_EVERY_MS = 10_000

/**
 * The jobs of the filter, in its order, those made or moved behind the reader meanwhile left out and none of them twice. Reads
 * the next page only when it is asked for. Throws `NOT_FOUND` when the project is none of the caller's, or is no longer at the
 * end, `VALIDATION` when a list by due time has too many projects, what `requireCaller` throws, and `DatabaseAwayError`: what
 * was read until then is not all.
 */
export async function* exportJobs(
  { store, clock }: JobExportDeps,
  { filter, withPayload, requireCaller }: JobExport,
): AsyncGenerator<readonly ExportedJob[], void, undefined> {
  const named = filter.projectId === undefined ? {} : { projectId: requireId(filter.projectId, 'Project') }
  const requireProject = async (): Promise<void> => {
    if (named.projectId === undefined) return
    const found = await store.findReachableProjects({ scope: filter.scope, ...named, limit: 1 })
    if (found.length === 0) throw notFound('Project')
  }
  await requireProject()
  let judgedAtMs = clock.monotonicMs()
  let after: JobPlace | undefined
  do {
    if (clock.monotonicMs() - judgedAtMs >= JUDGE_EVERY_MS) {
      await requireCaller()
      judgedAtMs = clock.monotonicMs()
    }
    const query = { ...filter, ...named, ...(after && { after }), withPayload }
    const page = await store.exportJobs({ ...query, limit: PAGE_JOBS, maxPayloadBytes: PAGE_PAYLOAD_BYTES })
    if (page === 'too-many-projects') throw tooManyProjects()
    yield page.jobs
    after = page.next
  } while (after)
  // A revoked key or a deleted project has no jobs: the pages would have ended early, as if that were all.
  await requireCaller()
  await requireProject()
}
