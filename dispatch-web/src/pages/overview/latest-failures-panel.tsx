import type { UseQueryResult } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { LatestFailure, Stats } from 'dispatch-contract'
import { CircleCheck } from 'lucide-react'
import { DataView } from '../../components/data-view'
import { EmptyState } from '../../components/empty-state'
import { Panel } from '../../components/panel'
import { Time } from '../../components/time'

export function LatestFailuresPanel({ query }: { readonly query: UseQueryResult<Stats> }) {
  return (
    <Panel title="Latest failures" description="Each leads to its job, with what was sent and what came back.">
      <DataView query={query}>
        {({ latestFailures }) =>
          latestFailures.length === 0 ? (
            <EmptyState icon={CircleCheck} title="Nothing failed in this time" />
          ) : (
            <ul>
              {latestFailures.map((failure) => (
                <Failure key={`${failure.jobId} ${failure.attempt}`} failure={failure} />
              ))}
            </ul>
          )
        }
      </DataView>
    </Panel>
  )
}

function Failure({ failure }: { readonly failure: LatestFailure }) {
  const { jobId, title, endpoint, attempt, at, responseCode, error, willRetry } = failure
  const reason = error ?? (responseCode === null ? 'No answer' : `Status ${responseCode}`)
  return (
    <li className="relative grid gap-x-6 border-b border-line px-4 py-2.5 last:border-0 hover:bg-raised/50 sm:grid-cols-[minmax(0,1fr)_auto]">
      <div className="min-w-0">
        <p className="truncate">
          {/* The whole line can be clicked. */}
          <Link
            to="/jobs/$jobId"
            params={{ jobId }}
            className="font-medium before:absolute before:inset-0 hover:text-accent-text"
          >
            {title}
          </Link>{' '}
          <span className="font-mono text-xs text-faint">{endpoint}</span>
        </p>
        <p className="truncate text-danger-text">{reason}</p>
      </div>
      <p className="flex gap-x-3 text-sm text-muted sm:flex-col sm:items-end">
        <span className="relative">
          <Time at={at} isRelative />
        </span>
        <span>
          attempt {attempt}
          {willRetry ? ', tried again' : ', given up'}
        </span>
      </p>
    </li>
  )
}
