/** What an interrupted attempt does to its job: it is no failure, so the job is due at once, but not for ever. */

export type AfterInterruption =
  | { readonly status: 'FAILED'; readonly dueAtMs: number; readonly error: string }
  | { readonly status: 'DEAD'; readonly dueAtMs: null; readonly error: string }

const INTERRUPTED = 'Dispatch stopped while this attempt was under way; the endpoint may have received it.'

/** `before`: interruptions so far, without this one. `error`: words for the attempt's record. */
export function afterInterruption(before: number, maxInterruptions: number, nowMs: number): AfterInterruption {
  const count = before + 1
  if (count < maxInterruptions) return { status: 'FAILED', dueAtMs: nowMs, error: INTERRUPTED }
  const error = `interrupted: ${INTERRUPTED} That was interruption ${count} of at most ${maxInterruptions}, so the job is dead.`
  return { status: 'DEAD', dueAtMs: null, error }
}
