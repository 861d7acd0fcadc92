import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import type { JobDetails } from 'dispatch-contract'
import { CodeBlock } from '../components/code-block'
import { DataView } from '../components/data-view'
import { Duration } from '../components/duration'
import { EmptyState } from '../components/empty-state'
import { Lamp } from '../components/lamp'
import { Page } from '../components/page'
import { Panel } from '../components/panel'
import { Cell, HeadCell, Row, Table, TableHead } from '../components/table'
import { Time } from '../components/time'
import { jobQuery } from '../features/jobs/api'
import { Timer } from 'lucide-react'

const route = getRouteApi('/app/jobs/$jobId')

export function JobPage() {
  const { jobId } = route.useParams()
  const job = useQuery(jobQuery(jobId))
  return (
    <Page title={job.data?.title ?? 'Job'} description={<span className="font-mono text-sm break-all">{jobId}</span>}>
      <DataView query={job}>{(found) => <Details job={found} />}</DataView>
    </Page>
  )
}

function Details({ job }: { readonly job: JobDetails }) {
  return (
    <>
      <Panel title="Job" actions={<Lamp state={job.status} />} isPadded>
        <p className="mb-3 flex flex-wrap gap-x-4 gap-y-1">
          <Time at={job.nextAttemptAt ?? job.fireAt} precision="ms" />
          <span className="font-mono text-sm break-all">POST {job.webhookUrl}</span>
        </p>
        <CodeBlock what="payload" text={job.payloadText} />
      </Panel>
      <Panel title="Attempts">{job.logs.length === 0 ? <NoAttempts /> : <Attempts logs={job.logs} />}</Panel>
    </>
  )
}

function NoAttempts() {
  return <EmptyState icon={Timer} title="Not tried yet" />
}

function Attempts({ logs }: { readonly logs: JobDetails['logs'] }) {
  return (
    <Table label="Attempts">
      <TableHead>
        <HeadCell>Outcome</HeadCell>
        <HeadCell>When</HeadCell>
        <HeadCell>Took</HeadCell>
        <HeadCell>Late by</HeadCell>
        <HeadCell>Answer</HeadCell>
      </TableHead>
      <tbody>
        {logs.map(({ id, status, firedAt, durationMs, latenessMs, responseCode, error }) => (
          <Row key={id}>
            <Cell>
              <Lamp state={status} />
            </Cell>
            <Cell>
              <Time at={firedAt} precision="ms" />
            </Cell>
            <Cell>
              <Duration ms={durationMs} />
            </Cell>
            <Cell>
              <Duration ms={latenessMs} />
            </Cell>
            <Cell className="text-muted">{error ?? responseCode}</Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  )
}
