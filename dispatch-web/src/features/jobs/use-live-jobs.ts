import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { followEvents } from '../../lib/events'
import { startRereading } from '../../lib/rereading'
import { patchJob } from './patch-job'

/** What was asked for lately is not asked for again: many changes a second are shown once a second. */
const JOBS = { leastBetweenMs: 1000, settlesAfterMs: 0 }
/** Statistics cost more, and the server shares its last reading of them for a second. */
const STATS = { leastBetweenMs: 2000, settlesAfterMs: 1500 }

/** While it is mounted, lamps follow the events, and whatever shows jobs, numbers about them or echoes is read again. */
export function useLiveJobs(): void {
  const queryClient = useQueryClient()
  useEffect(() => {
    const invalidate = (key: string): void => void queryClient.invalidateQueries({ queryKey: [key] })
    const jobs = startRereading({ ...JOBS, read: () => invalidate('jobs') })
    const stats = startRereading({ ...STATS, read: () => invalidate('stats') })
    const echoes = startRereading({ ...JOBS, read: () => invalidate('echo') })
    const readSoon = (): void => {
      jobs.note()
      stats.note()
    }
    const stop = followEvents({
      onJob(event) {
        patchJob(queryClient, event)
        readSoon()
      },
      onEcho: () => echoes.note(),
      onRefresh() {
        readSoon()
        echoes.note()
      },
    })
    return () => {
      stop()
      jobs.stop()
      stats.stop()
      echoes.stop()
    }
  }, [queryClient])
}
