import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { ApiKey } from 'dispatch-contract'
import { KeyRound, Plus, Trash2 } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../components/button'
import { ConfirmDialog } from '../../components/confirm-dialog'
import { DataView } from '../../components/data-view'
import { EmptyState } from '../../components/empty-state'
import { Panel } from '../../components/panel'
import { SkeletonRows } from '../../components/skeleton'
import { Cell, HeadCell, Row, Table, TableHead } from '../../components/table'
import { Time } from '../../components/time'
import { toast } from '../../components/toasts'
import { DocsLink } from '../../features/docs/docs-link'
import { apiKeysQuery, projectQuery, projectsQuery, revokeApiKey } from '../../features/projects/api'
import { NewApiKeyDialog } from '../../features/projects/new-api-key-dialog'
import { messageOf } from '../../lib/api-error'

export function ApiKeysPanel({ projectId }: { readonly projectId: string }) {
  const keys = useQuery(apiKeysQuery(projectId))
  const [isCreating, setCreating] = useState(false)
  const [revoked, setRevoked] = useState<ApiKey | null>(null)
  const create = (
    <Button size="sm" look="primary" icon={<Plus aria-hidden size={14} />} onClick={() => setCreating(true)}>
      New key
    </Button>
  )
  return (
    <Panel
      title="API keys"
      description="A key schedules and reads the jobs of this project, and nothing else."
      actions={create}
    >
      <DataView query={keys} skeleton={<SkeletonRows rows={2} />}>
        {(found) =>
          found.length === 0 ? (
            <EmptyState icon={KeyRound} title="No key yet">
              Make one for each place that schedules webhooks, so that each can be revoked by itself.{' '}
              <DocsLink section="scheduling-from-your-code">How it is used</DocsLink>
            </EmptyState>
          ) : (
            <KeyTable keys={found} onRevoke={setRevoked} />
          )
        }
      </DataView>
      {isCreating && <NewApiKeyDialog projectId={projectId} onClose={() => setCreating(false)} />}
      {revoked && <RevokeDialog projectId={projectId} apiKey={revoked} onClose={() => setRevoked(null)} />}
    </Panel>
  )
}

interface KeyTableProps {
  readonly keys: readonly ApiKey[]
  readonly onRevoke: (key: ApiKey) => void
}

function KeyTable({ keys, onRevoke }: KeyTableProps) {
  return (
    <Table label="API keys">
      <TableHead>
        <HeadCell>Label</HeadCell>
        <HeadCell>Key</HeadCell>
        <HeadCell>Last used</HeadCell>
        <HeadCell className="max-sm:hidden">Created</HeadCell>
        <HeadCell>
          <span className="sr-only">Actions</span>
        </HeadCell>
      </TableHead>
      <tbody>
        {keys.map((key) => (
          <Row key={key.id}>
            <Cell className="max-w-48 truncate font-medium">{key.label}</Cell>
            <Cell className="font-mono text-sm whitespace-nowrap text-muted">sk_…{key.lastFour}</Cell>
            <Cell className="text-muted">
              {key.lastUsedAt === null ? 'never' : <Time at={key.lastUsedAt} isRelative />}
            </Cell>
            <Cell className="text-muted max-sm:hidden">
              <Time at={key.createdAt} precision="minute" />
            </Cell>
            <Cell className="text-right">
              <Button
                size="sm"
                look="quiet"
                aria-label={`Revoke ${key.label}`}
                icon={<Trash2 aria-hidden size={14} />}
                onClick={() => onRevoke(key)}
              >
                <span className="max-sm:sr-only">Revoke</span>
              </Button>
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  )
}

interface RevokeDialogProps {
  readonly projectId: string
  readonly apiKey: ApiKey
  readonly onClose: () => void
}

function RevokeDialog({ projectId, apiKey: { id, label, lastFour }, onClose }: RevokeDialogProps) {
  const queryClient = useQueryClient()
  const revoking = useMutation({
    mutationFn: () => revokeApiKey(projectId, id),
    async onSuccess() {
      await Promise.all([
        queryClient.invalidateQueries({ queryKey: projectQuery(projectId).queryKey }),
        queryClient.invalidateQueries({ queryKey: projectsQuery.queryKey, exact: true }),
      ])
      toast('Key revoked', label)
      onClose()
    },
  })
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      title={`Revoke “${label}”?`}
      description={`Whatever uses the key that ends in ${lastFour} is refused from now on. Jobs it scheduled stay. This cannot be undone.`}
      action="Revoke key"
      isBusy={revoking.isPending}
      error={revoking.isError ? messageOf(revoking.error) : undefined}
      onConfirm={() => revoking.mutate()}
    />
  )
}
