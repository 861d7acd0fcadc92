import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Banner } from '../../components/banner'
import { Button } from '../../components/button'
import { Dialog } from '../../components/dialog'
import { Field } from '../../components/field'
import { Select } from '../../components/select'
import { toast } from '../../components/toasts'
import { rotateSigningSecret, signingSecretQuery } from '../../features/projects/api'
import { messageOf } from '../../lib/api-error'

const OVERLAPS = [
  { value: '86400', label: '1 day' },
  { value: '3600', label: '1 hour' },
  { value: '604800', label: '7 days' },
  { value: '0', label: 'None: it has leaked' },
] as const

type Overlap = (typeof OVERLAPS)[number]['value']

export interface RotateSecretDialogProps {
  readonly projectId: string
  readonly onClose: () => void
  readonly onRotated: () => void
}

export function RotateSecretDialog({ projectId, onClose, onRotated }: RotateSecretDialogProps) {
  const [overlap, setOverlap] = useState<Overlap>('86400')
  const queryClient = useQueryClient()
  const rotating = useMutation({
    mutationFn: () => rotateSigningSecret(projectId, { overlapSeconds: Number(overlap) }),
    onSuccess(secret) {
      queryClient.setQueryData(signingSecretQuery(projectId).queryKey, secret)
      toast('Signing secret rotated')
      onRotated()
      onClose()
    },
  })
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title="Rotate the signing secret"
      description="A new secret is made. While both overlap, every delivery carries the signatures of both: put the new one into your endpoint in that time, and no delivery is refused."
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" isBusy={rotating.isPending} onClick={() => rotating.mutate()}>
            Rotate
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {rotating.isError && <Banner tone="danger">{messageOf(rotating.error)}</Banner>}
        <Field label="The old one signs along for">
          <Select options={OVERLAPS} value={overlap} onChange={setOverlap} />
        </Field>
        {overlap === '0' && (
          <Banner tone="warning">
            From the next delivery on only the new secret signs. Endpoints that check signatures refuse until they have
            it.
          </Banner>
        )}
      </div>
    </Dialog>
  )
}
