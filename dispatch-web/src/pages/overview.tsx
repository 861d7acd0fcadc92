import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { FolderPlus } from 'lucide-react'
import { buttonClass } from '../components/button'
import { DataView } from '../components/data-view'
import { EmptyState } from '../components/empty-state'
import { Page } from '../components/page'
import { Panel } from '../components/panel'
import { JobTable } from '../features/jobs/job-table'
import { jobsQuery } from '../features/jobs/api'

const NEWEST = 10

export function OverviewPage() {
  const jobs = useQuery(jobsQuery({ limit: NEWEST }))
  return (
    <Page title="Overview">
      <Panel title="Newest jobs">
        <DataView query={jobs}>
          {(found) =>
            found.jobs.length === 0 ? (
              <EmptyState
                icon={FolderPlus}
                title="Nothing is scheduled"
                action={
                  <Link to="/projects" className={buttonClass('primary')}>
                    To the projects
                  </Link>
                }
              >
                Make a project and a key, then POST a URL, a time and a payload to the API.
              </EmptyState>
            ) : (
              <JobTable jobs={found.jobs} />
            )
          }
        </DataView>
      </Panel>
    </Page>
  )
}
