import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { FolderPlus } from 'lucide-react'
import { buttonClass } from '../../components/button'
import { DataView } from '../../components/data-view'
import { EmptyState } from '../../components/empty-state'
import { Page } from '../../components/page'
import { Panel } from '../../components/panel'
import { SkeletonRows } from '../../components/skeleton'
import { echoQuery } from '../../features/echo/api'
import { projectsQuery } from '../../features/projects/api'
import { NewJobForm } from './new-job-form'

const route = getRouteApi('/app/jobs/new')

export function NewJobPage() {
  const { projectId, to } = route.useSearch()
  const projects = useQuery(projectsQuery)
  const first = projects.data?.find(({ id }) => id === projectId) ?? projects.data?.[0]
  const echo = useQuery({ ...echoQuery(first?.id ?? ''), enabled: to === 'echo' && first !== undefined })
  const isWaiting = to === 'echo' && first !== undefined && echo.isPending
  return (
    <Page title="New job" description="One webhook: Dispatch POSTs the payload to the URL at that millisecond.">
      <Panel isPadded={projects.data !== undefined && projects.data.length > 0}>
        <DataView query={projects}>
          {(found) =>
            found.length === 0 ? (
              <EmptyState
                icon={FolderPlus}
                title="A job needs a project"
                action={
                  <Link to="/projects" className={buttonClass('primary')}>
                    To the projects
                  </Link>
                }
              >
                A project holds the secret that signs its webhooks. Make one first.
              </EmptyState>
            ) : isWaiting ? (
              <SkeletonRows />
            ) : (
              <NewJobForm
                projects={found}
                projectId={first?.id}
                echoUrl={echo.data?.enabled === true ? echo.data.url : null}
              />
            )
          }
        </DataView>
      </Panel>
    </Page>
  )
}
