import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import type { JobListItem, Project, StateCounts } from 'dispatch-contract'
import { Check } from 'lucide-react'
import { Suspense, useState, type ReactNode } from 'react'
import { Button, buttonClass } from '../../components/button'
import { Countdown } from '../../components/countdown'
import { Panel } from '../../components/panel'
import { classNames } from '../../lib/class-names'
import { useReadyEcho } from '../../features/echo/use-ready-echo'
import { jobsQuery } from '../../features/jobs/api'
import { projectsQuery } from '../../features/projects/api'
import { lazyPage } from '../../lib/page-code'

const NewProjectDialog = lazyPage(() => import('../../features/projects/new-project-dialog'), 'NewProjectDialog')

/** From nothing to the first delivery; gone when that has come. */
export function FirstStepsPanel({ states }: { readonly states: StateCounts | undefined }) {
  const { data: projects } = useQuery(projectsQuery)
  const isDelivered = states === undefined || states.SUCCESS.count > 0
  const newest = useQuery({ ...jobsQuery({ limit: 1 }), enabled: !isDelivered })
  if (isDelivered || !projects || !newest.data) return null
  return <FirstSteps projects={projects} job={newest.data.jobs[0]} />
}

interface FirstStepsProps {
  readonly projects: readonly Project[]
  /** The newest one. */
  readonly job: JobListItem | undefined
}

function FirstSteps({ projects, job }: FirstStepsProps) {
  const project = projects[0]
  const hasKey = job !== undefined || projects.some(({ counts }) => counts.apiKeys > 0)
  return (
    <Panel title="First steps" description="Three steps to your first webhook, fired at its millisecond.">
      <ol>
        <Step number={1} title="Make a project" isDone={project !== undefined} action={<NewProjectButton />}>
          It holds jobs and the secret that signs them. One for each application is a good start.
        </Step>
        <Step
          number={2}
          title="Send your first webhook"
          isDone={job !== undefined}
          action={project && <ScheduleButtons project={project} hasKey={hasKey} />}
        >
          To the echo, an address of this server that shows what comes: no other server is needed. Or from your
          application: with an API key it POSTs a URL, a UTC time and a payload.
        </Step>
        <Step number={3} title="See it arrive" isDone={false} action={job && <WatchButton job={job} />}>
          {job ? <Progress job={job} /> : 'This page shows it without a reload.'}
        </Step>
      </ol>
    </Panel>
  )
}

function NewProjectButton() {
  const [isCreating, setCreating] = useState(false)
  return (
    <>
      <Button look="primary" onClick={() => setCreating(true)}>
        New project
      </Button>
      {isCreating && (
        <Suspense>
          <NewProjectDialog onClose={() => setCreating(false)} />
        </Suspense>
      )}
    </>
  )
}

function ScheduleButtons({ project, hasKey }: { readonly project: Project; readonly hasKey: boolean }) {
  return (
    <span className="flex flex-wrap gap-2">
      <Link to="/projects/$projectId" params={{ projectId: project.id }} className={buttonClass()}>
        {hasKey ? 'API keys' : 'Make an API key'}
      </Link>
      <SendButton projectId={project.id} />
    </span>
  )
}

/** To the form, with the echo filled in. Who may not enable it gets there too, and reads there why. */
function SendButton({ projectId }: { readonly projectId: string }) {
  const navigate = useNavigate()
  const echo = useReadyEcho(projectId)
  const send = async (): Promise<void> => {
    await echo.makeReady()
    await navigate({ to: '/jobs/new', search: { projectId, to: 'echo' } })
  }
  return (
    <Button look="primary" isBusy={echo.isBusy} onClick={() => void send()}>
      Send it to the echo
    </Button>
  )
}

function WatchButton({ job: { id, status } }: { readonly job: JobListItem }) {
  const isFailing = status === 'FAILED' || status === 'DEAD'
  return (
    <Link to="/jobs/$jobId" params={{ jobId: id }} className={buttonClass('primary')}>
      {isFailing ? 'See why it failed' : 'Watch it'}
    </Link>
  )
}

function Progress({ job: { title, status, nextAttemptAt } }: { readonly job: JobListItem }) {
  if (status === 'CANCELLED') return <>“{title}” was cancelled before it fired.</>
  if (status === 'DEAD') return <>“{title}” failed at every attempt.</>
  if (nextAttemptAt === null) return <>“{title}” is on its way.</>
  return (
    <>
      “{title}” {status === 'FAILED' ? 'failed and is tried again' : 'fires'} in <Countdown to={nextAttemptAt} />.
    </>
  )
}

interface StepProps {
  readonly number: number
  readonly title: string
  readonly isDone: boolean
  readonly action: ReactNode
  readonly children: ReactNode
}

function Step({ number, title, isDone, action, children }: StepProps) {
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-3 border-b border-line px-4 py-3.5 last:border-0">
      <span
        aria-hidden
        className={classNames(
          'grid size-7 shrink-0 place-items-center rounded-full border font-mono text-sm',
          isDone ? 'border-transparent bg-raised text-success' : 'border-line-strong text-muted',
        )}
      >
        {isDone ? <Check size={15} /> : number}
      </span>
      <div className="min-w-0 flex-1 basis-56">
        <p className={classNames('font-medium', isDone && 'text-muted')}>
          {title}
          {isDone && <span className="sr-only"> (done)</span>}
        </p>
        {!isDone && <p className="text-muted">{children}</p>}
      </div>
      {!isDone && action}
    </li>
  )
}
