/** Whether the API can be reached. While it cannot, a probe asks until it can, and then everything is read again. */
import { API_URL } from './api-url'
import { Observable } from './observable'

const PROBE_EVERY_MS = 2000

export const isApiReachable = new Observable(true)

let probing: ReturnType<typeof setTimeout> | undefined

/** A request got no answer. */
export function noteUnreachable(): void {
  isApiReachable.set(false)
  probing ??= setTimeout(() => void probe(), PROBE_EVERY_MS)
}

export function noteReachable(): void {
  clearTimeout(probing)
  probing = undefined
  isApiReachable.set(true)
}

async function probe(): Promise<void> {
  probing = undefined
  try {
    const answer = await fetch(`${API_URL}/api/v1/healthcheck`, { cache: 'no-store' })
    if (answer.ok) {
      noteReachable()
      return
    }
  } catch {
    // Still away.
  }
  noteUnreachable()
}
