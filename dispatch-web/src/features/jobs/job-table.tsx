import { Link } from '@tanstack/react-router'
import type { JobListItem } from 'dispatch-contract'
import { Lamp } from '../../components/lamp'
import { Cell, HeadCell, Row, Table, TableHead } from '../../components/table'
import { Time } from '../../components/time'

export function JobTable({ jobs }: { readonly jobs: readonly JobListItem[] }) {
  return (
    <Table label="Jobs">
      <TableHead>
        <HeadCell>Status</HeadCell>
        <HeadCell>Title</HeadCell>
        <HeadCell className="max-md:hidden">Project</HeadCell>
        <HeadCell className="text-right">Due</HeadCell>
      </TableHead>
      <tbody>
        {jobs.map(({ id, title, status, project, webhookUrl, nextAttemptAt, fireAt }) => (
          <Row key={id}>
            <Cell>
              <Lamp state={status} />
            </Cell>
            <Cell className="max-w-80">
              <Link
                to="/jobs/$jobId"
                params={{ jobId: id }}
                className="block truncate font-medium hover:text-accent-text"
              >
                {title}
              </Link>
              <span className="block truncate font-mono text-xs text-faint">{webhookUrl}</span>
            </Cell>
            <Cell className="max-w-40 truncate text-muted max-md:hidden">{project.name}</Cell>
            <Cell className="text-right text-muted">
              <Time at={nextAttemptAt ?? fireAt} />
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  )
}
