import type { QueryClient } from '@tanstack/react-query'
import type { JobDetails, JobEvent, JobPage } from 'dispatch-contract'
import { JOB_LISTS, jobKey } from './keys'
import { tellReadsUnderWay } from './reads-under-way'

/** Puts what an event tells into every list and page that shows the job, before they are read again. */
export function patchJob(queryClient: QueryClient, event: JobEvent): void {
  queryClient.setQueriesData<JobPage>({ queryKey: JOB_LISTS }, (page) => page && patchedPage(page, event))
  queryClient.setQueryData<JobDetails>(jobKey(event.jobId), (job) => job && patched(job, event))
  tellReadsUnderWay(event)
}

/** The same object when the event is no news to it. */
export function patchedPage(page: JobPage, event: JobEvent): JobPage {
  if (!page.jobs.some((job) => isNews(job, event))) return page
  return { ...page, jobs: page.jobs.map((job) => patched(job, event)) }
}

interface Patchable {
  readonly id: string
  readonly updatedAt: string
}

/** Events may be told after an answer that already knows of them; ISO texts of one form sort by time. */
function isNews({ id, updatedAt }: Patchable, event: JobEvent): boolean {
  return id === event.jobId && updatedAt <= event.at
}

export function patched<Job extends Patchable>(job: Job, event: JobEvent): Job {
  if (!isNews(job, event)) return job
  const { status, attempt, nextAttemptAt, at: updatedAt } = event
  return { ...job, status, attempt, nextAttemptAt, updatedAt }
}
