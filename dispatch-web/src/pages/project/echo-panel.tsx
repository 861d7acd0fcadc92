import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { buttonClass } from '../../components/button'
import { Panel } from '../../components/panel'
import { echoQuery } from '../../features/echo/api'

/** The way to the project's echo. */
export function EchoPanel({ projectId }: { readonly projectId: string }) {
  const { data } = useQuery(echoQuery(projectId))
  return (
    <Panel title="Echo" isPadded>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="max-w-xl text-muted">
          An address of this Dispatch that keeps what comes and answers as you tell it: to see a webhook arrive, and to
          try out failures. {data?.enabled === true ? 'It is on.' : data && 'It is off.'}
        </p>
        <Link to="/projects/$projectId/echo" params={{ projectId }} className={buttonClass()}>
          Open the echo
        </Link>
      </div>
    </Panel>
  )
}
