import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { JobDetails, JobRequest } from 'dispatch-contract'
import { useState } from 'react'
import { Banner } from '../../components/banner'
import { CodeBlock } from '../../components/code-block'
import { CopyButton } from '../../components/copy-button'
import { DataView } from '../../components/data-view'
import { Panel } from '../../components/panel'
import { Select } from '../../components/select'
import { Tabs } from '../../components/tabs'
import { LINK_CLASS } from '../../components/text-link'
import { jobRequestQuery } from '../../features/jobs/api'
import { toCurl } from '../../features/jobs/curl'

const LATEST = 'latest'

/** The request of an attempt as it went out, or before the first as it will. */
export function RequestPanel({ job: { id, logs } }: { readonly job: JobDetails }) {
  const [chosen, setChosen] = useState<string>(LATEST)
  const attempt = chosen === LATEST ? logs[0]?.attempt : Number(chosen)
  const request = useQuery(jobRequestQuery(id, attempt))
  const options = [
    { value: LATEST, label: logs.length === 0 ? 'To come' : 'Latest attempt' },
    ...logs.slice(1).map((log) => ({ value: String(log.attempt), label: `Attempt ${log.attempt}` })),
  ]
  return (
    <Panel
      title="Request"
      actions={
        <>
          {options.length > 1 && (
            <Select aria-label="Attempt" options={options} value={chosen} onChange={setChosen} className="h-8! w-40!" />
          )}
          {request.data && <CopyButton size="sm" text={toCurl(request.data)} what="as curl" />}
        </>
      }
    >
      <DataView query={request}>{(found) => <Request request={found} />}</DataView>
      <p className="border-t border-line px-4 py-2.5 text-sm text-muted">
        Does your receiver refuse its signature?{' '}
        <Link to="/verify" className={LINK_CLASS}>
          Find out why
        </Link>
      </p>
    </Panel>
  )
}

function Request({ request }: { readonly request: JobRequest }) {
  return (
    <>
      {request.note !== null && (
        <div className="px-4 pt-4 pb-2">
          <Banner>{request.note}</Banner>
        </div>
      )}
      <Tabs
        label="Parts of the request"
        tabs={[
          { value: 'headers', label: 'Headers', content: <Headers request={request} /> },
          { value: 'body', label: 'Body', content: <Shown what="body" text={request.body} /> },
          { value: 'curl', label: 'curl', content: <Shown what="curl command" text={toCurl(request)} /> },
        ]}
      />
    </>
  )
}

function Shown({ what, text }: { readonly what: string; readonly text: string }) {
  return (
    <div className="p-4">
      <CodeBlock what={what} text={text} />
    </div>
  )
}

function Headers({ request: { method, url, headers } }: { readonly request: JobRequest }) {
  return (
    <div className="flex flex-col gap-3 p-4">
      <p className="font-mono text-sm break-all">
        <span className="mr-2 text-faint">{method}</span>
        {url}
      </p>
      <dl className="grid gap-x-6 gap-y-2 font-mono text-sm sm:grid-cols-[max-content_1fr] sm:gap-y-1">
        {headers.map(({ name, value }) => (
          <div key={name} className="sm:contents">
            <dt className="text-muted">{name}</dt>
            <dd className="break-all">{value}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
