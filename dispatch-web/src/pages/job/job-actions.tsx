import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { JobDetails } from 'dispatch-contract'
import { Ban, CalendarClock, RotateCw } from 'lucide-react'
import { useState } from 'react'
import { Button } from '../../components/button'
import { ConfirmDialog } from '../../components/confirm-dialog'
import { toast } from '../../components/toasts'
import { cancelJob } from '../../features/jobs/api'
import { isCancellable } from '../../features/jobs/cancellable'
import { messageOf } from '../../lib/api-error'
import { FireAgainDialog } from './fire-again-dialog'
import { ScheduleAgainDialog } from './schedule-again-dialog'

type Asking = 'cancel' | 'fire' | 'schedule'

/** What can be done with a job: called off, fired again now, scheduled again. The last two make a new job. */
export function JobActions({ job }: { readonly job: JobDetails }) {
  const [asking, setAsking] = useState<Asking>()
  const navigate = useNavigate()
  const close = (): void => setAsking(undefined)
  const goTo = (jobId: string): void => {
    toast('A new job was made')
    void navigate({ to: '/jobs/$jobId', params: { jobId } })
  }
  return (
    <>
      {isCancellable(job) && (
        <Button icon={<Ban aria-hidden size={15} />} onClick={() => setAsking('cancel')}>
          Cancel job
        </Button>
      )}
      <Button icon={<CalendarClock aria-hidden size={15} />} onClick={() => setAsking('schedule')}>
        {job.attempt === 0 ? 'Schedule a copy' : 'Schedule again'}
      </Button>
      <Button icon={<RotateCw aria-hidden size={15} />} onClick={() => setAsking('fire')}>
        {job.attempt === 0 ? 'Fire a copy now' : 'Fire again now'}
      </Button>
      {asking === 'cancel' && <CancelDialog job={job} onClose={close} />}
      {asking === 'fire' && <FireAgainDialog job={job} onClose={close} onMade={goTo} />}
      {asking === 'schedule' && <ScheduleAgainDialog job={job} onClose={close} onMade={goTo} />}
    </>
  )
}

function CancelDialog({ job, onClose }: { readonly job: JobDetails; readonly onClose: () => void }) {
  const queryClient = useQueryClient()
  const cancelling = useMutation({
    mutationFn: () => cancelJob(job.id),
    async onSuccess() {
      await queryClient.invalidateQueries({ queryKey: ['jobs'] })
      toast('Job cancelled')
      onClose()
    },
  })
  return (
    <ConfirmDialog
      isOpen
      onClose={onClose}
      title="Cancel this job?"
      description={
        job.status === 'FAILED'
          ? 'Its last attempt failed. It will not be tried again; what was tried stays in its history.'
          : 'It will not fire. It stays in the list, and can be scheduled again as a new job.'
      }
      action="Cancel job"
      isBusy={cancelling.isPending}
      error={cancelling.isError ? messageOf(cancelling.error) : undefined}
      onConfirm={() => cancelling.mutate()}
    />
  )
}
