import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { Echo } from 'dispatch-contract'
import { Power, Radio, RefreshCw } from 'lucide-react'
import { useState } from 'react'
import { Banner } from '../../components/banner'
import { Button } from '../../components/button'
import { CodeBlock } from '../../components/code-block'
import { ConfirmDialog } from '../../components/confirm-dialog'
import { EmptyState } from '../../components/empty-state'
import { Panel } from '../../components/panel'
import { toast } from '../../components/toasts'
import { echoQuery, rotateEcho, updateEcho } from '../../features/echo/api'
import { messageOf } from '../../lib/api-error'

/** Where to send, once it is on. */
export function AddressPanel({ projectId, echo }: { readonly projectId: string; readonly echo: Echo }) {
  const queryClient = useQueryClient()
  const [isRotating, setRotating] = useState(false)
  const switching = useMutation({
    mutationFn: (enabled: boolean) => updateEcho(projectId, { enabled }),
    onSuccess: (changed) => queryClient.setQueryData(echoQuery(projectId).queryKey, changed),
  })
  const failure = switching.isError && (
    <div className="p-4 pb-0">
      <Banner tone="danger">{messageOf(switching.error)}</Banner>
    </div>
  )
  if (!echo.enabled) {
    return (
      <Panel>
        {failure}
        <EmptyState
          icon={Radio}
          title={echo.url === null ? 'A first webhook without a server of your own' : 'The echo is off'}
          action={
            <Button look="primary" isBusy={switching.isPending} onClick={() => switching.mutate(true)}>
              Enable the echo
            </Button>
          }
        >
          {echo.url === null
            ? 'The echo takes any request and shows it here as it arrives: its headers, its body, and whether it is rightly signed. You tell it what to answer, so failures can be tried out too.'
            : 'Its address answers 404, and is the same again when you enable it.'}
        </EmptyState>
      </Panel>
    )
  }
  return (
    <Panel
      title="Address"
      description="Whoever knows it can send here. Webhooks of this Dispatch arrive without leaving the server."
      actions={
        <>
          <Button size="sm" icon={<RefreshCw aria-hidden size={14} />} onClick={() => setRotating(true)}>
            Rotate
          </Button>
          <Button
            size="sm"
            icon={<Power aria-hidden size={14} />}
            isBusy={switching.isPending}
            onClick={() => switching.mutate(false)}
          >
            Disable
          </Button>
        </>
      }
    >
      {failure}
      <div className="p-4">
        <CodeBlock what="address" text={echo.url ?? ''} />
      </div>
      {isRotating && <RotateEchoDialog projectId={projectId} onClose={() => setRotating(false)} />}
    </Panel>
  )
}

function RotateEchoDialog({ projectId, onClose }: { readonly projectId: string; readonly onClose: () => void }) {
  const queryClient = useQueryClient()
  const rotating = useMutation({
    mutationFn: () => rotateEcho(projectId),
    onSuccess(rotated) {
      queryClient.setQueryData(echoQuery(projectId).queryKey, rotated)
      toast('The echo has a new address')
      onClose()
    },
  })
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      title="Give the echo another address?"
      description="The one it has answers 404 at once. Jobs that are scheduled to it will fail; what came stays."
      action="Rotate address"
      isBusy={rotating.isPending}
      error={rotating.isError ? messageOf(rotating.error) : undefined}
      onConfirm={() => rotating.mutate()}
    />
  )
}
