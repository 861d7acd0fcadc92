import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import type { Project } from 'dispatch-contract'
import { ListChecks, Plus } from 'lucide-react'
import { buttonClass } from '../../components/button'
import { CopyButton } from '../../components/copy-button'
import { DataView } from '../../components/data-view'
import { Page } from '../../components/page'
import { Skeleton } from '../../components/skeleton'
import { Time } from '../../components/time'
import { projectQuery } from '../../features/projects/api'
import { ApiKeysPanel } from './api-keys-panel'
import { DeleteProjectPanel } from './delete-project-panel'
import { EchoPanel } from './echo-panel'
import { ProjectDeliveriesPanel, RecentJobsPanel } from './recent-panels'
import { RenameProjectPanel } from './rename-project-panel'
import { SigningSecretPanel } from './signing-secret-panel'

const route = getRouteApi('/app/projects/$projectId')

export function ProjectPage() {
  const { projectId } = route.useParams()
  const project = useQuery(projectQuery(projectId))
  return (
    <Page
      title={project.data?.name ?? 'Project'}
      heading={project.data?.name ?? (project.isError ? 'Project' : <Skeleton className="h-7 w-48" />)}
      description={<Identity projectId={projectId} project={project.data} />}
      actions={
        <>
          <Link to="/jobs" search={{ projectId }} className={buttonClass()}>
            <ListChecks aria-hidden size={16} />
            Its jobs
          </Link>
          <Link to="/jobs/new" search={{ projectId }} className={buttonClass('primary')}>
            <Plus aria-hidden size={16} />
            New job
          </Link>
        </>
      }
    >
      <DataView query={project}>
        {(found) => (
          <>
            <ProjectDeliveriesPanel projectId={projectId} />
            <RecentJobsPanel projectId={projectId} />
            <ApiKeysPanel projectId={projectId} />
            <SigningSecretPanel projectId={projectId} />
            <EchoPanel projectId={projectId} />
            <RenameProjectPanel key={found.name} project={found} />
            <DeleteProjectPanel project={found} />
          </>
        )}
      </DataView>
    </Page>
  )
}

function Identity({ projectId, project }: { readonly projectId: string; readonly project: Project | undefined }) {
  return (
    <span className="flex flex-wrap items-center gap-x-2">
      <span className="font-mono text-sm break-all">{projectId}</span>
      <CopyButton text={projectId} what="project id" isIcon />
      {project && (
        <span>
          since <Time at={project.createdAt} precision="minute" />
        </span>
      )}
    </span>
  )
}
