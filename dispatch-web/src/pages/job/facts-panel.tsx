import { Link } from '@tanstack/react-router'
import type { JobDetails } from 'dispatch-contract'
import type { ReactNode } from 'react'
import { CopyButton } from '../../components/copy-button'
import { Panel } from '../../components/panel'
import { LINK_CLASS } from '../../components/text-link'
import { Time } from '../../components/time'

export function FactsPanel({ job }: { readonly job: JobDetails }) {
  return (
    <Panel title="Target">
      <div className="flex items-start gap-1 border-b border-line py-3 pr-2 pl-4">
        <p className="min-w-0 flex-1 pt-1 font-mono text-sm break-all">
          <span className="mr-2 text-faint">POST</span>
          {job.webhookUrl}
        </p>
        <CopyButton text={job.webhookUrl} what="webhook URL" isIcon />
      </div>
      <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2 px-4 py-4">
        <Fact name="Project">
          <Link to="/projects/$projectId" params={{ projectId: job.projectId }} className={LINK_CLASS}>
            {job.project.name}
          </Link>
        </Fact>
        <Fact name="Asked for">
          <Time at={job.fireAt} precision="ms" />
        </Fact>
        <Fact name="Created">
          <Time at={job.createdAt} precision="ms" />
        </Fact>
        <Fact name="Changed">
          <Time at={job.updatedAt} precision="ms" />
        </Fact>
        {job.replayOf !== null && (
          <Fact name="Fires again">
            <Link to="/jobs/$jobId" params={{ jobId: job.replayOf }} className={LINK_CLASS}>
              <span className="font-mono text-sm break-all">{job.replayOf}</span>
            </Link>
          </Fact>
        )}
      </dl>
    </Panel>
  )
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0 text-right break-words">{children}</dd>
    </>
  )
}
