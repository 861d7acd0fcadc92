import { Link } from '@tanstack/react-router'
import type { JobListItem } from 'dispatch-contract'
import { Checkbox } from '../../components/checkbox'
import { Lamp } from '../../components/lamp'
import { Cell, HeadCell, Row, Table, TableHead } from '../../components/table'
import { Time } from '../../components/time'
import { isCancellable } from './cancellable'

export interface JobSelection {
  readonly isSelected: (job: JobListItem) => boolean
  readonly select: (jobs: readonly JobListItem[], isSelected: boolean) => void
}

export interface JobTableProps {
  readonly jobs: readonly JobListItem[]
  /** With it, jobs that can be cancelled have a box to check. */
  readonly selection?: JobSelection
  /** They are all of one project, which the page names. */
  readonly isOfOneProject?: boolean
}

/** Jobs as rows; on a phone each is one cell, its parts below each other. */
export function JobTable({ jobs, selection, isOfOneProject = false }: JobTableProps) {
  return (
    <Table label="Jobs">
      <TableHead>
        {selection && <SelectAllCell jobs={jobs} selection={selection} />}
        <HeadCell className="max-md:hidden">Status</HeadCell>
        <HeadCell>
          <span className="max-md:hidden">Title</span>
          <span className="md:hidden">Job</span>
        </HeadCell>
        {!isOfOneProject && <HeadCell className="max-lg:hidden">Project</HeadCell>}
        <HeadCell className="text-right max-md:hidden">Due</HeadCell>
        <HeadCell className="text-right max-xl:hidden">Created</HeadCell>
      </TableHead>
      <tbody>
        {jobs.map((job) => (
          <JobRow key={job.id} job={job} selection={selection} isOfOneProject={isOfOneProject} />
        ))}
      </tbody>
    </Table>
  )
}

function SelectAllCell({
  jobs,
  selection: { isSelected, select },
}: Required<Pick<JobTableProps, 'jobs' | 'selection'>>) {
  const open = jobs.filter(isCancellable)
  const selected = open.filter(isSelected).length
  return (
    <HeadCell className="w-0 pr-0">
      <Checkbox
        aria-label="Select all jobs of this page that can be cancelled"
        className="block"
        disabled={open.length === 0}
        checked={open.length > 0 && selected === open.length}
        isMixed={selected > 0 && selected < open.length}
        onChange={(event) => select(open, event.target.checked)}
      />
    </HeadCell>
  )
}

interface JobRowProps {
  readonly job: JobListItem
  readonly selection: JobSelection | undefined
  readonly isOfOneProject: boolean
}

function JobRow({ job, selection, isOfOneProject }: JobRowProps) {
  const { id, title, status, project, webhookUrl, nextAttemptAt, fireAt, createdAt } = job
  const isSelected = selection?.isSelected(job) ?? false
  return (
    <Row className={isSelected ? 'bg-accent-wash/40' : ''}>
      {selection && (
        <Cell className="w-0 pr-0 max-md:align-top">
          <Checkbox
            aria-label={`Select ${title}`}
            className="block max-md:mt-1"
            // One that fired meanwhile can still be taken out again.
            disabled={!isCancellable(job) && !isSelected}
            checked={isSelected}
            onChange={(event) => selection.select([job], event.target.checked)}
          />
        </Cell>
      )}
      <Cell className="w-32 max-md:hidden">
        <Lamp state={status} />
      </Cell>
      <Cell className="max-w-0">
        <span className="mb-1 flex items-center justify-between gap-3 md:hidden">
          <Lamp state={status} />
          <span className="text-xs text-muted">
            <Time at={nextAttemptAt ?? fireAt} />
          </span>
        </span>
        <Link to="/jobs/$jobId" params={{ jobId: id }} className="block truncate font-medium hover:text-accent-text">
          {title}
        </Link>
        <span className="block truncate font-mono text-xs text-faint">{webhookUrl}</span>
      </Cell>
      {!isOfOneProject && <Cell className="w-40 max-w-40 truncate text-muted max-lg:hidden">{project.name}</Cell>}
      <Cell className="w-0 text-right text-muted max-md:hidden">
        <Time at={nextAttemptAt ?? fireAt} />
      </Cell>
      <Cell className="w-0 text-right text-muted max-xl:hidden">
        <Time at={createdAt} />
      </Cell>
    </Row>
  )
}
