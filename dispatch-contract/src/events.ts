/**
 * `GET /api/v1/events`: server-sent events. Each `job`, `echo` and `refresh` has an `id`; who connects again with the last one
 * in `Last-Event-ID` is told what happened in between, or to `refresh` when that is no longer known. Lines that begin with a
 * colon are heartbeats, every 15 seconds: a stream that is silent for longer is dead.
 */
import * as z from 'zod'
import { jobStatus } from './job.js'
import { isoInstant } from './text.js'

export const eventsQuery = z.object({
  projectId: z
    .string({ error: 'the id of a project' })
    .optional()
    .describe('Only this project; when left out, all that the credentials reach (the newest 1,000).'),
})
export type EventsQuery = z.infer<typeof eventsQuery>

/** Event `job`: the job was created, claimed, recorded, released or cancelled, and is now so. Never holds payload or title. */
export const jobEvent = z.object({
  jobId: z.uuid(),
  projectId: z.uuid(),
  status: jobStatus,
  attempt: z.int().describe('Number of the last attempt; 0 before the first.'),
  nextAttemptAt: isoInstant.nullable(),
  at: isoInstant.describe('When it changed.'),
})
export type JobEvent = z.infer<typeof jobEvent>

/** Event `echo`: the project's echo has kept a request, was cleared or told something else; read it again. */
export const echoEvent = z.object({ projectId: z.uuid() })
export type EchoEvent = z.infer<typeof echoEvent>

/**
 * Event `refresh`: jobs have changed that are not told one by one; read again what is shown.
 * `missed`: what happened since `Last-Event-ID` is not known any more; `busy`: more than 50 changes in a second;
 * `slow`: the client did not read fast enough; `unseen`: changes by other servers may have been missed.
 */
export const refreshEvent = z.object({ reason: z.enum(['missed', 'busy', 'slow', 'unseen']) })
export type RefreshEvent = z.infer<typeof refreshEvent>
