import type { JobDetails } from 'dispatch-contract'
import type { ReactNode } from 'react'
import { Countdown } from '../../components/countdown'
import { Lamp } from '../../components/lamp'
import { Panel } from '../../components/panel'
import { Time } from '../../components/time'
import { Lifecycle } from './lifecycle'

/** Where the job is now, what comes next, and the way it went. */
export function StatePanel({ job }: { readonly job: JobDetails }) {
  return (
    <Panel title="State" actions={<Lamp state={job.status} />}>
      <div className="flex min-h-24 flex-col justify-center gap-1 border-b border-line px-4 py-4">{nextOf(job)}</div>
      <div className="p-4">
        <Lifecycle job={job} />
      </div>
    </Panel>
  )
}

function nextOf(job: JobDetails): ReactNode {
  const attempts = job.attempt === 1 ? '1 attempt' : `${job.attempt} attempts`
  switch (job.status) {
    case 'SCHEDULED':
      return <Until at={job.nextAttemptAt ?? job.fireAt} label="Fires in" />
    case 'FIRING':
      return <Big label={`Attempt ${job.attempt}`}>Under way</Big>
    case 'FAILED':
      if (job.nextAttemptAt === null) return <Big label="Failed">{attempts}</Big>
      return <Until at={job.nextAttemptAt} label={`Attempt ${job.attempt} failed; tried again in`} />
    case 'SUCCESS':
      return <Big label="Delivered">{attempts}</Big>
    case 'DEAD':
      return <Big label="Given up after">{attempts}</Big>
    case 'CANCELLED':
      return <Big label="Cancelled">Nothing more is sent</Big>
  }
}

function Until({ at, label }: { readonly at: string; readonly label: string }) {
  return (
    <>
      <span className="label-caps">{label}</span>
      <span className="text-2xl font-medium text-accent-text">
        <Countdown to={at} />
      </span>
      <span className="text-muted">
        <Time at={at} precision="ms" />
      </span>
    </>
  )
}

function Big({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <>
      <span className="label-caps">{label}</span>
      <span className="text-xl font-medium">{children}</span>
    </>
  )
}
