import type { UseQueryResult } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { EndpointStats, Stats } from 'dispatch-contract'
import { CircleCheck } from 'lucide-react'
import { DataView } from '../../components/data-view'
import { EmptyState } from '../../components/empty-state'
import { Panel } from '../../components/panel'
import { Cell, HeadCell, Row, Table, TableHead } from '../../components/table'
import { Time } from '../../components/time'
import { formatCount, formatShare } from '../../features/stats/buckets'

export interface EndpointsPanelProps {
  readonly query: UseQueryResult<Stats>
  readonly projectId: string | undefined
}

export function EndpointsPanel({ query, projectId }: EndpointsPanelProps) {
  return (
    <Panel
      title="Endpoints that fail"
      description="Those with a failure in this time, the highest failure rate first. Of many, the ten that fail most surely."
    >
      <DataView query={query}>
        {({ endpoints }) =>
          endpoints.length === 0 ? (
            <EmptyState icon={CircleCheck} title="No endpoint failed in this time" />
          ) : (
            <Endpoints endpoints={endpoints.toSorted(byRate)} projectId={projectId} />
          )
        }
      </DataView>
    </Panel>
  )
}

/** The API's order weighs how many attempts a rate stands on, which no column shows. */
function byRate(one: EndpointStats, other: EndpointStats): number {
  return other.failureRate - one.failureRate || other.failed - one.failed
}

interface EndpointsProps {
  readonly endpoints: readonly EndpointStats[]
  readonly projectId: string | undefined
}

/** Each leads to its jobs that failed. */
function Endpoints({ endpoints, projectId }: EndpointsProps) {
  return (
    <Table label="Endpoints that fail">
      <TableHead>
        <HeadCell>Endpoint</HeadCell>
        <HeadCell>Failure rate</HeadCell>
        <HeadCell className="text-right max-sm:hidden">Failed of</HeadCell>
        <HeadCell className="max-lg:hidden">Last reason</HeadCell>
        <HeadCell className="text-right max-md:hidden">Last failure</HeadCell>
      </TableHead>
      <tbody>
        {endpoints.map(({ endpoint, attempts, failed, failureRate, lastError, lastFailedAt }) => (
          <Row key={endpoint}>
            <Cell className="max-w-60">
              <Link
                to="/jobs"
                search={{ status: 'FAILED,DEAD', endpoint, ...(projectId !== undefined && { projectId }) }}
                className="block truncate font-mono text-sm hover:text-accent-text"
              >
                {endpoint}
              </Link>
            </Cell>
            <Cell>
              <Rate rate={failureRate} />
            </Cell>
            <Cell className="text-right font-mono text-sm whitespace-nowrap text-muted max-sm:hidden">
              {formatCount(failed)} / {formatCount(attempts)}
            </Cell>
            <Cell className="max-w-80 truncate text-muted max-lg:hidden">{lastError ?? '–'}</Cell>
            <Cell className="text-right text-muted max-md:hidden">
              {lastFailedAt === null ? '–' : <Time at={lastFailedAt} isRelative />}
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  )
}

function Rate({ rate }: { readonly rate: number }) {
  return (
    <span className="flex items-center gap-2.5">
      <span aria-hidden className="h-1.5 w-20 shrink-0 overflow-hidden rounded-full bg-line max-sm:hidden">
        <span className="block h-full rounded-full bg-failed" style={{ width: `${rate * 100}%` }} />
      </span>
      <span className="font-mono text-sm whitespace-nowrap">{formatShare(rate)}</span>
    </span>
  )
}
