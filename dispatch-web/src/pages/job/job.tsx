import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { JobDetails } from 'dispatch-contract'
import { CopyButton } from '../../components/copy-button'
import { DataView } from '../../components/data-view'
import { Page } from '../../components/page'
import { Skeleton } from '../../components/skeleton'
import { jobQuery } from '../../features/jobs/api'
import { AttemptsPanel } from './attempts-panel'
import { FactsPanel } from './facts-panel'
import { JobActions } from './job-actions'
import { PayloadPanel } from './payload-panel'
import { RequestPanel } from './request-panel'
import { StatePanel } from './state-panel'

const route = getRouteApi('/app/jobs/$jobId')

export function JobPage() {
  const { jobId } = route.useParams()
  const job = useQuery(jobQuery(jobId))
  return (
    <Page
      title={job.data?.title ?? 'Job'}
      heading={job.data?.title ?? (job.isError ? 'Job' : <Skeleton className="h-7 w-64" />)}
      description={
        <span className="flex items-center gap-x-1">
          <span className="font-mono text-sm break-all">{jobId}</span>
          <CopyButton text={jobId} what="job id" isIcon />
        </span>
      }
      actions={job.data && <JobActions key={jobId} job={job.data} />}
    >
      <DataView query={job}>{(found) => <Details job={found} />}</DataView>
    </Page>
  )
}

function Details({ job }: { readonly job: JobDetails }) {
  return (
    <>
      <div className="grid gap-5 lg:grid-cols-[3fr_2fr]">
        <StatePanel job={job} />
        <FactsPanel job={job} />
      </div>
      <AttemptsPanel job={job} />
      <PayloadPanel text={job.payloadText} />
      <RequestPanel key={job.id} job={job} />
    </>
  )
}
