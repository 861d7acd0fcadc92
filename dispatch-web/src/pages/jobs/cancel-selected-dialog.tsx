import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { CancelledJobs, JobListItem } from 'dispatch-contract'
import { useState } from 'react'
import { Banner } from '../../components/banner'
import { Button } from '../../components/button'
import { ConfirmDialog } from '../../components/confirm-dialog'
import { Dialog } from '../../components/dialog'
import { toast } from '../../components/toasts'
import { cancelJobs } from '../../features/jobs/api'
import { messageOf } from '../../lib/api-error'

export interface CancelSelectedDialogProps {
  readonly jobs: ReadonlyMap<string, JobListItem>
  readonly onClose: () => void
  readonly onCancelled: () => void
}

/** Asks, cancels, and stays open with what was refused. */
export function CancelSelectedDialog({ jobs, onClose, onCancelled }: CancelSelectedDialogProps) {
  const queryClient = useQueryClient()
  const [refused, setRefused] = useState<CancelledJobs>()
  const cancelling = useMutation({
    mutationFn: () => cancelJobs([...jobs.keys()]),
    onSuccess(answer) {
      void queryClient.invalidateQueries({ queryKey: ['jobs'] })
      if (answer.refused.length > 0) {
        setRefused(answer)
        return
      }
      toast(`${countJobs(answer.cancelled.length)} cancelled`)
      onCancelled()
    },
  })
  if (refused) return <Refusals answer={refused} jobs={jobs} onClose={onCancelled} />
  const retrying = [...jobs.values()].filter(({ status }) => status === 'FAILED').length
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      title={`Cancel ${countJobs(jobs.size)}?`}
      description={
        <>
          They will not fire any more, and their history stays.
          {retrying > 0 && ` ${retrying} of them failed and would have been tried again.`}
        </>
      }
      action={jobs.size === 1 ? 'Cancel job' : 'Cancel jobs'}
      dismissal={jobs.size === 1 ? 'Keep it' : 'Keep them'}
      isBusy={cancelling.isPending}
      error={cancelling.isError ? messageOf(cancelling.error) : undefined}
      onConfirm={() => cancelling.mutate()}
    />
  )
}

interface RefusalsProps {
  readonly answer: CancelledJobs
  readonly jobs: ReadonlyMap<string, JobListItem>
  readonly onClose: () => void
}

function Refusals({ answer: { cancelled, refused }, jobs, onClose }: RefusalsProps) {
  return (
    <Dialog
      isOpen
      onClose={onClose}
      title={`${countJobs(refused.length)} could not be cancelled`}
      actions={<Button onClick={onClose}>Close</Button>}
    >
      <div className="flex flex-col gap-3">
        <Banner>{cancelled.length === 0 ? 'None was cancelled.' : `${countJobs(cancelled.length)} cancelled.`}</Banner>
        <ul className="flex flex-col gap-2">
          {refused.map(({ id, message }) => (
            <li key={id}>
              <Link
                to="/jobs/$jobId"
                params={{ jobId: id }}
                className="block truncate font-medium hover:text-accent-text"
              >
                {jobs.get(id)?.title ?? id}
              </Link>
              <span className="text-sm text-muted">{message}</span>
            </li>
          ))}
        </ul>
      </div>
    </Dialog>
  )
}

export function countJobs(count: number): string {
  return count === 1 ? '1 job' : `${count.toLocaleString('en')} jobs`
}
