import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import type { JobListItem, JobPage, JobSearch } from 'dispatch-contract'
import { ListChecks, Plus, SearchX } from 'lucide-react'
import { useState } from 'react'
import { Button, buttonClass } from '../../components/button'
import { DataView } from '../../components/data-view'
import { EmptyState } from '../../components/empty-state'
import { Page } from '../../components/page'
import { Pagination } from '../../components/pagination'
import { Panel } from '../../components/panel'
import { DocsLink } from '../../features/docs/docs-link'
import { jobsQuery } from '../../features/jobs/api'
import { JobTable } from '../../features/jobs/job-table'
import { CancelSelectedDialog, countJobs } from './cancel-selected-dialog'
import { ExportMenu } from './export-menu'
import { JobFilters } from './job-filters'
import { isFiltered, type JobsFilter, type JobsSearch } from './search'

const route = getRouteApi('/app/jobs')
/** Of `POST /jobs/cancel`. */
const MOST_SELECTED = 500

export function JobsPage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const jobs = useQuery(jobsQuery(search))
  const { selected, select, clear } = useSelection()
  const [isCancelling, setCancelling] = useState(false)
  const change = (changed: JobsFilter): void => {
    // What is selected would go on unseen in another list.
    clear()
    void navigate({ search: (before) => ({ ...before, ...changed, page: undefined }), replace: true })
  }
  const finish = (): void => {
    setCancelling(false)
    clear()
  }
  return (
    <Page title="Jobs" actions={<Actions search={search} />}>
      <Panel>
        <JobFilters search={search} onChange={change} />
        {selected.size > 0 && (
          <SelectionBar count={selected.size} onCancel={() => setCancelling(true)} onClear={clear} />
        )}
        <DataView query={jobs}>
          {(found) => (
            <>
              {found.search && <Searched search={found.search} />}
              {found.jobs.length === 0 ? (
                <NoJobs isFiltered={isFiltered(search)} projectId={search.projectId} />
              ) : (
                <JobTable jobs={found.jobs} selection={{ isSelected: ({ id }) => selected.has(id), select }} />
              )}
              <Pages found={found} onPage={(page) => void navigate({ search: (before) => ({ ...before, page }) })} />
            </>
          )}
        </DataView>
      </Panel>
      {isCancelling && (
        <CancelSelectedDialog jobs={selected} onClose={() => setCancelling(false)} onCancelled={finish} />
      )}
    </Page>
  )
}

function Actions({ search }: { readonly search: JobsSearch }) {
  return (
    <>
      <ExportMenu search={search} />
      <NewJobLink projectId={search.projectId} />
    </>
  )
}

function useSelection() {
  const [selected, setSelected] = useState<ReadonlyMap<string, JobListItem>>(new Map())
  const select = (jobs: readonly JobListItem[], isSelected: boolean): void => {
    setSelected((before) => {
      const next = new Map(before)
      for (const job of jobs) {
        if (!isSelected) next.delete(job.id)
        else if (next.size < MOST_SELECTED) next.set(job.id, job)
      }
      return next
    })
  }
  return { selected, select, clear: () => setSelected(new Map()) }
}

interface SelectionBarProps {
  readonly count: number
  readonly onCancel: () => void
  readonly onClear: () => void
}

function SelectionBar({ count, onCancel, onClear }: SelectionBarProps) {
  return (
    <div
      role="group"
      aria-label="Selected jobs"
      className="flex flex-wrap items-center gap-2 border-b border-line bg-accent-wash/40 px-4 py-2"
    >
      <span role="status" className="mr-auto text-base">
        {countJobs(count)} selected{count === MOST_SELECTED && ', the most at a time'}
      </span>
      <Button size="sm" onClick={onClear}>
        Deselect
      </Button>
      <Button size="sm" look="danger" onClick={onCancel}>
        Cancel {countJobs(count)}
      </Button>
    </div>
  )
}

function Searched({ search: { searched, limited } }: { readonly search: JobSearch }) {
  return (
    <p className="border-b border-line px-4 py-2 text-sm text-muted">
      Looked among {limited ? 'the first ' : ''}
      {countJobs(searched)} of this list.
      {limited && ' There are more, which were not looked at: narrow the list with a status, a project or a time.'}
    </p>
  )
}

interface NoJobsProps {
  readonly isFiltered: boolean
  readonly projectId: string | undefined
}

function NoJobs({ isFiltered: isNarrowed, projectId }: NoJobsProps) {
  return isNarrowed ? (
    <EmptyState icon={SearchX} title="No such jobs">
      None fits these filters.
    </EmptyState>
  ) : (
    <EmptyState icon={ListChecks} title="No jobs yet" action={<NewJobLink projectId={projectId} />}>
      A job is one webhook at one moment: a URL, a time and a payload. Schedule one here, or{' '}
      <DocsLink section="scheduling-from-your-code">from your code</DocsLink>.
    </EmptyState>
  )
}

function NewJobLink({ projectId }: { readonly projectId: string | undefined }) {
  return (
    <Link to="/jobs/new" search={{ projectId }} className={buttonClass('primary')}>
      <Plus aria-hidden size={16} />
      New job
    </Link>
  )
}

function Pages({ found, onPage }: { readonly found: JobPage; readonly onPage: (page: number) => void }) {
  return found.pagination.total === 0 ? null : <Pagination pages={found.pagination} onPage={onPage} />
}
