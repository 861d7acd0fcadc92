import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { ListChecks } from 'lucide-react'
import { DataView } from '../components/data-view'
import { EmptyState } from '../components/empty-state'
import { Page } from '../components/page'
import { Pagination } from '../components/pagination'
import { Panel } from '../components/panel'
import { jobsQuery } from '../features/jobs/api'
import { JobTable } from '../features/jobs/job-table'

const route = getRouteApi('/app/jobs')

export function JobsPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const jobs = useQuery(jobsQuery(search))
  return (
    <Page title="Jobs">
      <Panel>
        <DataView query={jobs}>
          {(found) => (
            <>
              {found.jobs.length === 0 ? (
                <EmptyState icon={ListChecks} title="No jobs here" />
              ) : (
                <JobTable jobs={found.jobs} />
              )}
              <Pagination
                pages={found.pagination}
                onPage={(page) => void navigate({ search: (before) => ({ ...before, page }) })}
              />
            </>
          )}
        </DataView>
      </Panel>
    </Page>
  )
}
