import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { EchoRequest, EchoRequestItem } from 'dispatch-contract'
import { CodeBlock } from '../../components/code-block'
import { DataView } from '../../components/data-view'
import { Duration } from '../../components/duration'
import { Tabs } from '../../components/tabs'
import { LINK_CLASS } from '../../components/text-link'
import { Time } from '../../components/time'
import { echoRequestQuery } from '../../features/echo/api'
import { Verdict } from './verdict'

export interface RequestDetailProps {
  readonly projectId: string
  readonly item: EchoRequestItem
}

/** One request: where it came from, its signatures, its body, its headers. */
export function RequestDetail({ projectId, item }: RequestDetailProps) {
  const request = useQuery(echoRequestQuery(projectId, item.id))
  return (
    <article aria-label="Request" className="min-w-0">
      <Facts item={item} />
      <DataView query={request}>{(found) => <Parts request={found} />}</DataView>
    </article>
  )
}

function Facts({ item }: { readonly item: EchoRequestItem }) {
  const { method, query, at, ipAddress, jobId, attempt, answeredStatus, answeredAfterMs } = item
  return (
    <div className="flex flex-col gap-1 border-b border-line px-4 py-3">
      <p className="font-mono text-sm break-all">
        {method} <span className="text-muted">/api/v1/echo/…{query}</span>
      </p>
      <p className="flex flex-wrap gap-x-4 text-sm text-muted">
        <span>
          <Time at={at} precision="ms" /> from {ipAddress ?? 'an unknown address'}
        </span>
        <span>
          answered {answeredStatus}
          {answeredAfterMs > 0 && (
            <>
              {' '}
              after <Duration ms={answeredAfterMs} />
            </>
          )}
        </span>
        {jobId !== null && (
          <Link to="/jobs/$jobId" params={{ jobId }} className={LINK_CLASS}>
            The job{attempt !== null && `, attempt ${attempt}`}
          </Link>
        )}
      </p>
    </div>
  )
}

function Parts({ request }: { readonly request: EchoRequest }) {
  return (
    <Tabs
      label="Parts of the request"
      tabs={[
        { value: 'signature', label: 'Signature', content: <Signatures request={request} /> },
        { value: 'body', label: 'Body', content: <Body request={request} /> },
        { value: 'headers', label: `Headers (${request.headers.length})`, content: <Headers request={request} /> },
      ]}
    />
  )
}

function Signatures({ request: { signatures } }: { readonly request: EchoRequest }) {
  return (
    <dl className="flex flex-col gap-4 p-4">
      {signatures.map(({ header, verdict, words }) => (
        <div key={header}>
          <dt className="flex flex-wrap items-center gap-x-3">
            <span className="font-mono text-sm">{header}</span>
            <Verdict verdict={verdict} />
          </dt>
          <dd className="mt-0.5 text-muted">{words}</dd>
        </div>
      ))}
    </dl>
  )
}

function Body({ request: { body, bodyBytes, bodyEncoding, bodyTruncated } }: { readonly request: EchoRequest }) {
  if (bodyBytes === 0) return <p className="p-4 text-muted">It had no body.</p>
  return (
    <div className="flex flex-col gap-2 p-4">
      <CodeBlock what="body" text={body} />
      <p className="text-sm text-muted">
        {bodyBytes.toLocaleString('en')} bytes{bodyEncoding === 'base64' && ', which are no text: shown in base64'}
        {bodyTruncated && '; the first 64 KiB are kept. The signature was checked over all of it'}.
      </p>
    </div>
  )
}

function Headers({ request: { headers } }: { readonly request: EchoRequest }) {
  return (
    <dl className="grid gap-x-6 gap-y-2 p-4 font-mono text-sm sm:grid-cols-[max-content_1fr] sm:gap-y-1">
      {headers.map(({ name, value }, index) => (
        <div key={`${index} ${name}`} className="sm:contents">
          <dt className="text-muted">{name}</dt>
          <dd className="break-all">{value}</dd>
        </div>
      ))}
    </dl>
  )
}
