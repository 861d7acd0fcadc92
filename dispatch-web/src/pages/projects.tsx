import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { Project } from 'dispatch-contract'
import { FolderPlus, Plus } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../components/button'
import { DataView } from '../components/data-view'
import { EmptyState } from '../components/empty-state'
import { Page } from '../components/page'
import { Panel } from '../components/panel'
import { Cell, HeadCell, Row, Table, TableHead } from '../components/table'
import { Time } from '../components/time'
import { projectsQuery } from '../features/projects/api'
import { NewProjectDialog } from '../features/projects/new-project-dialog'

export function ProjectsPage() {
  const projects = useQuery(projectsQuery)
  const [isCreating, setCreating] = useState(false)
  const create = (
    <Button look="primary" icon={<Plus aria-hidden size={16} />} onClick={() => setCreating(true)}>
      New project
    </Button>
  )
  return (
    <Page
      title="Projects"
      description="A project holds jobs, the API keys that schedule them, and the secret that signs them."
      actions={create}
    >
      <Panel>
        <DataView query={projects}>
          {(found) =>
            found.length === 0 ? (
              <EmptyState icon={FolderPlus} title="No project yet" action={create}>
                Make one for each application that schedules webhooks, such as “production”.
              </EmptyState>
            ) : (
              <ProjectTable projects={found} />
            )
          }
        </DataView>
      </Panel>
      {isCreating && <NewProjectDialog onClose={() => setCreating(false)} />}
    </Page>
  )
}

function ProjectTable({ projects }: { readonly projects: readonly Project[] }) {
  return (
    <Table label="Projects">
      <TableHead>
        <HeadCell>Name</HeadCell>
        <HeadCell className="text-right">Jobs</HeadCell>
        <HeadCell className="text-right">API keys</HeadCell>
        <HeadCell className="text-right max-sm:hidden">Created</HeadCell>
      </TableHead>
      <tbody>
        {projects.map(({ id, name, counts, createdAt }) => (
          <Row key={id}>
            <Cell className="w-full max-w-0">
              <Link
                to="/projects/$projectId"
                params={{ projectId: id }}
                className="block truncate font-medium hover:text-accent-text"
              >
                {name}
              </Link>
            </Cell>
            <Cell className="text-right">{counts.jobs.toLocaleString('en')}</Cell>
            <Cell className="text-right">{counts.apiKeys}</Cell>
            <Cell className="text-right text-muted max-sm:hidden">
              <Time at={createdAt} precision="minute" />
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  )
}
