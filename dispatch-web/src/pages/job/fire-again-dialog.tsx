import { useMutation } from '@tanstack/react-query'
import type { JobDetails } from 'dispatch-contract'
import { useState } from 'react'
import { ConfirmDialog } from '../../components/confirm-dialog'
import { replayJob } from '../../features/jobs/api'
import { messageOf } from '../../lib/api-error'
import { randomKey } from '../../lib/random-key'

export interface ReplayDialogProps {
  readonly job: JobDetails
  readonly onClose: () => void
  /** Called with the id of the new job. */
  readonly onMade: (jobId: string) => void
}

export function FireAgainDialog({ job, onClose, onMade }: ReplayDialogProps) {
  // One for each time the dialog opens: an answer that got lost, and asking again, makes one job.
  const [key] = useState(randomKey)
  const firing = useMutation({
    mutationFn: () => replayJob(job.id, {}, key),
    onSuccess({ id }) {
      onClose()
      onMade(id)
    },
  })
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      title="Fire again now?"
      description={
        <>
          A new job sends the same payload to <span className="font-mono text-sm break-all">{job.webhookUrl}</span> at
          once. This job stays as it is; the endpoint sees another job id.
        </>
      }
      action="Fire now"
      look="primary"
      isBusy={firing.isPending}
      error={firing.isError ? messageOf(firing.error) : undefined}
      onConfirm={() => firing.mutate()}
    />
  )
}
