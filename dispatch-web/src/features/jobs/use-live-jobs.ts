import { useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { followEvents } from '../../lib/events'
import { patchJob } from './patch-job'

/** What was asked for lately is not asked for again: many changes a second are shown once a second. */
const LEAST_BETWEEN_READS_MS = 1000

/** While it is mounted, lamps follow the events, and whatever shows jobs or numbers about them is read again. */
export function useLiveJobs(): void {
  const queryClient = useQueryClient()
  useEffect(() => {
    let waiting: ReturnType<typeof setTimeout> | undefined
    let readAtMs = -Infinity
    const read = (): void => {
      waiting = undefined
      readAtMs = performance.now()
      void queryClient.invalidateQueries({ queryKey: ['jobs'] })
      void queryClient.invalidateQueries({ queryKey: ['stats'] })
    }
    const readSoon = (): void => {
      waiting ??= setTimeout(read, Math.max(0, readAtMs + LEAST_BETWEEN_READS_MS - performance.now()))
    }
    const stop = followEvents({
      onJob(event) {
        patchJob(queryClient, event)
        readSoon()
      },
      onRefresh: readSoon,
    })
    return () => {
      stop()
      clearTimeout(waiting)
    }
  }, [queryClient])
}
