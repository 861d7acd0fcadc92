/** What goes over the wire for one attempt, but for its signatures (`signature.ts`). */
import { formatInstant } from '../clock.js'

export interface Deliverable {
  readonly id: string
  readonly title: string
  /** The JSON text exactly as it was sent to us. */
  readonly payload: string
  /** Number of this attempt, from 1. */
  readonly attempt: number
  /** When this attempt was due. */
  readonly dueAtMs: number
}

/** `{jobId,title,payload,firedAt}`, always exactly this; the payload's bytes are spliced in as they were sent to us. */
export function deliveryBody(job: Deliverable, firedAtMs: number): Buffer {
  const head = `{"jobId":${JSON.stringify(job.id)},"title":${JSON.stringify(job.title)},"payload":`
  return Buffer.from(`${head}${job.payload},"firedAt":"${formatInstant(firedAtMs)}"}`)
}

/** The headers that do not prove anything. */
export function deliveryHeaders(job: Deliverable, userAgent: string): Record<string, string> {
  return {
    'content-type': 'application/json',
    'accept-encoding': 'identity',
    'user-agent': userAgent,
    'x-dispatch-attempt': String(job.attempt),
    'x-dispatch-scheduled-for': formatInstant(job.dueAtMs),
  }
}

/** Unix seconds, as signatures carry them. */
export function timestampSeconds(firedAtMs: number): number {
  return Math.floor(firedAtMs / 1000)
}
