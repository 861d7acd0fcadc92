import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { Project } from 'dispatch-contract'
import { useState } from 'react'
import { Button } from '../../components/button'
import { ConfirmDialog } from '../../components/confirm-dialog'
import { Panel } from '../../components/panel'
import { toast } from '../../components/toasts'
import { deleteProject, projectQuery, projectsQuery } from '../../features/projects/api'
import { messageOf } from '../../lib/api-error'

export function DeleteProjectPanel({ project: { id, name, counts } }: { readonly project: Project }) {
  const [isAsking, setAsking] = useState(false)
  const navigate = useNavigate()
  const queryClient = useQueryClient()
  const deleting = useMutation({
    mutationFn: () => deleteProject(id),
    async onSuccess() {
      await navigate({ to: '/projects' })
      queryClient.removeQueries({ queryKey: projectQuery(id).queryKey })
      void queryClient.invalidateQueries({ queryKey: projectsQuery.queryKey, exact: true })
      toast('Project deleted', name)
    },
  })
  return (
    <Panel title="Delete this project" tone="danger" isPadded>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="max-w-xl text-muted">
          Its jobs, logs, keys and secrets go with it. Nothing of it fires any more.
        </p>
        <Button look="danger" onClick={() => setAsking(true)}>
          Delete project
        </Button>
      </div>
      <ConfirmDialog
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        title={`Delete “${name}”?`}
        description={`${count(counts.jobs, 'job')} and ${count(counts.apiKeys, 'API key')} are deleted with it. This cannot be undone.`}
        action="Delete project"
        typeToConfirm={name}
        isBusy={deleting.isPending}
        error={deleting.isError ? messageOf(deleting.error) : undefined}
        onConfirm={() => deleting.mutate()}
      />
    </Panel>
  )
}

function count(number: number, what: string): string {
  return `${number.toLocaleString('en')} ${what}${number === 1 ? '' : 's'}`
}
