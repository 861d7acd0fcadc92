import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Plus } from 'lucide-react'
import { buttonClass } from '../../components/button'
import { DataView } from '../../components/data-view'
import { Page } from '../../components/page'
import { LINK_CLASS } from '../../components/text-link'
import { echoQuery } from '../../features/echo/api'
import { projectQuery } from '../../features/projects/api'
import { AddressPanel } from './address-panel'
import { AnswerPanel } from './answer-panel'
import { RequestsPanel } from './requests-panel'

const route = getRouteApi('/app/projects/$projectId/echo')

export function EchoPage() {
  const { projectId } = route.useParams()
  const project = useQuery(projectQuery(projectId))
  const echo = useQuery(echoQuery(projectId))
  return (
    <Page
      title="Echo"
      description={
        <>
          Of{' '}
          <Link to="/projects/$projectId" params={{ projectId }} className={LINK_CLASS}>
            {project.data?.name ?? 'the project'}
          </Link>
          : an address that keeps what comes, and answers as you tell it.
        </>
      }
      actions={
        echo.data?.enabled === true && (
          <Link to="/jobs/new" search={{ projectId, to: 'echo' }} className={buttonClass('primary')}>
            <Plus aria-hidden size={16} />
            Send a job here
          </Link>
        )
      }
    >
      <DataView query={echo}>
        {(found) => (
          <>
            <AddressPanel projectId={projectId} echo={found} />
            {found.url !== null && <RequestsPanel projectId={projectId} isOn={found.enabled} />}
            {found.url !== null && <AnswerPanel projectId={projectId} answer={found.answer} />}
          </>
        )}
      </DataView>
    </Page>
  )
}
