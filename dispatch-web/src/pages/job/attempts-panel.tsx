import type { AttemptLog, JobDetails } from 'dispatch-contract'
import { Timer } from 'lucide-react'
import type { ReactNode } from 'react'
import { Banner } from '../../components/banner'
import { CodeBlock } from '../../components/code-block'
import { Countdown } from '../../components/countdown'
import { Duration } from '../../components/duration'
import { EmptyState } from '../../components/empty-state'
import { Lamp } from '../../components/lamp'
import { Panel } from '../../components/panel'
import { Time } from '../../components/time'
import { classNames } from '../../lib/class-names'

/** What was tried, newest first, after what is to come. */
export function AttemptsPanel({ job }: { readonly job: JobDetails }) {
  const isNever = job.logs.length === 0 && job.status !== 'FIRING'
  return (
    <Panel title="Attempts">
      {isNever ? (
        <EmptyState icon={Timer} title={job.status === 'CANCELLED' ? 'Never tried' : 'Not tried yet'}>
          {job.status === 'CANCELLED'
            ? 'It was cancelled before its first attempt.'
            : 'Each attempt will stand here: when it went out, what the endpoint answered, and how long that took.'}
        </EmptyState>
      ) : (
        <ol aria-label="Attempts" className="px-4 py-4">
          <Upcoming job={job} />
          {job.logs.map((log) => (
            <Attempt key={log.id} log={log} />
          ))}
        </ol>
      )}
    </Panel>
  )
}

function Upcoming({ job: { status, attempt, nextAttemptAt } }: { readonly job: JobDetails }) {
  if (status === 'FIRING') {
    return (
      <Entry>
        <span className="flex flex-wrap items-center gap-x-3">
          <Lamp state="FIRING" />
          <span className="font-medium">Attempt {attempt} is under way</span>
        </span>
      </Entry>
    )
  }
  if (status !== 'FAILED' || nextAttemptAt === null) return null
  return (
    <Entry>
      <span className="flex flex-wrap items-center gap-x-3 text-muted">
        <span>Attempt {attempt + 1} in</span>
        <Countdown to={nextAttemptAt} />
        <Time at={nextAttemptAt} precision="ms" />
      </span>
    </Entry>
  )
}

function Attempt({ log }: { readonly log: AttemptLog }) {
  return (
    <Entry>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Lamp state={log.status} />
        <span className="font-medium">Attempt {log.attempt}</span>
        <span className="text-muted">
          <Time at={log.firedAt} precision="ms" />
        </span>
      </div>
      <dl className="flex flex-wrap gap-x-6 gap-y-1">
        <Measure name="Answered">
          <span className="font-mono text-sm">{log.responseCode ?? 'nothing'}</span>
        </Measure>
        <Measure name="Late by">
          <Duration ms={log.latenessMs} />
        </Measure>
        <Measure name="Took">
          <Duration ms={log.durationMs} />
        </Measure>
      </dl>
      {log.error !== null && <Banner tone={log.status === 'INTERRUPTED' ? 'warning' : 'danger'}>{log.error}</Banner>}
      <ResponseBody log={log} />
    </Entry>
  )
}

function ResponseBody({ log: { attempt, responseBody, responseTruncated } }: { readonly log: AttemptLog }) {
  return (
    <>
      {responseBody !== null && responseBody !== '' && (
        <CodeBlock what={`Answer to attempt ${attempt}`} text={responseBody} />
      )}
      {responseBody === '' && <p className="text-sm text-muted">The answer had no body.</p>}
      {responseTruncated && (
        <p className="text-sm text-muted">
          Only the beginning of the body: it was longer than 64 KiB, broke off or stalled.
        </p>
      )}
    </>
  )
}

function Measure({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="flex items-baseline gap-2">
      <dt className="text-sm text-muted">{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

/** A point of the timeline; the line goes on to the next one. */
function Entry({ children }: { readonly children: ReactNode }) {
  return (
    <li
      className={classNames(
        'relative flex flex-col gap-2 pb-6 pl-6 last:pb-0',
        'before:absolute before:top-3 before:bottom-[-0.5rem] before:left-[3px] before:w-px before:bg-line-strong last:before:hidden',
        'after:absolute after:top-2 after:left-0 after:size-[7px] after:rounded-full after:bg-line-strong',
      )}
    >
      {children}
    </li>
  )
}
