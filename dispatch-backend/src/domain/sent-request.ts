/** An attempt's request as it was sent, rebuilt by the code that sends: nothing of it is stored but the job and the time. */
import { MAX_OVERLAP_SECONDS } from 'dispatch-contract'
import { deliveryBody, deliveryHeaders, timestampSeconds } from '../delivery/delivery-request.js'
import { identityHeaders, signatureHeaders } from '../delivery/signature.js'
import type { Attempt, JobDetails, JobScope, Project, ProjectStore } from '../store/store.js'
import { notFound } from './id.js'
import { MANAGING_ROLES } from './project.js'
import type { Sealer } from './secrets.js'

export interface SentRequest {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly attempt: number
  readonly firedAtMs: number
  /** Which signatures `headers` holds; `partial`: a secret that also signed may be gone. */
  readonly signed: 'complete' | 'partial' | 'gone' | 'hidden'
  /** Words for people. */
  readonly note: string | null
}

export interface SentRequestDeps {
  readonly store: Pick<ProjectStore, 'getProject' | 'listSigningSecrets'>
  readonly sealer: Sealer
  readonly userAgent: string
}

interface Moment {
  readonly attempt: number
  readonly firedAtMs: number
  readonly dueAtMs: number
  readonly note: string | null
}

/**
 * The request of that attempt; without a number that of the last one recorded, or before the first what would be sent.
 * Signatures are shown to who may see the signing secret. Throws `NOT_FOUND`.
 */
export async function rebuildRequest(
  scope: JobScope,
  job: JobDetails,
  attempt: number | undefined,
  deps: SentRequestDeps,
): Promise<SentRequest> {
  const moment = momentOf(job, attempt)
  const deliverable = { ...job, attempt: moment.attempt, dueAtMs: moment.dueAtMs }
  const body = deliveryBody(deliverable, moment.firedAtMs)
  const seconds = timestampSeconds(moment.firedAtMs)
  const { secrets, signed } = await readSecrets(scope, job.projectId, moment.firedAtMs, deps)
  const identity = { jobId: job.id, timestampSeconds: seconds }
  const proof = secrets.length === 0 ? identityHeaders(identity) : signatureHeaders({ ...identity, body, secrets })
  return {
    url: job.webhookUrl,
    headers: { ...deliveryHeaders(deliverable, deps.userAgent), ...proof },
    body: body.toString(),
    attempt: moment.attempt,
    firedAtMs: moment.firedAtMs,
    signed,
    note: [moment.note, SIGNED_NOTES[signed]].filter((note) => note !== null).join(' ') || null,
  }
}

function momentOf(job: JobDetails, wanted: number | undefined): Moment {
  const log = wanted === undefined ? job.attempts[0] : job.attempts.find(({ attempt }) => attempt === wanted)
  if (log) {
    const { attempt, firedAtMs, scheduledForMs: dueAtMs } = log
    return { attempt, firedAtMs, dueAtMs, note: noteOf(log) }
  }
  if (job.attempts.length > 0 || (wanted ?? 1) !== 1) throw notFound('Attempt')
  return { attempt: 1, firedAtMs: job.fireAtMs, dueAtMs: job.fireAtMs, note: UNSENT_NOTES[job.status] ?? NOT_YET }
}

const NOT_YET = 'Not sent yet: this is what goes out when the job is due.'
const UNSENT_NOTES: Partial<Record<JobDetails['status'], string>> = {
  CANCELLED: 'Never sent: the job was cancelled before its first attempt.',
  FIRING: 'Under way: the exact time is known when the attempt is recorded.',
}

function noteOf({ status, latenessMs }: Attempt): string | null {
  if (status === 'INTERRUPTED') return 'Interrupted: the endpoint may not have received it, and the time may differ.'
  return latenessMs === null ? 'No byte of it went out; the attempt failed before.' : null
}

const SIGNED_NOTES: Readonly<Record<SentRequest['signed'], string | null>> = {
  complete: null,
  partial: 'A secret that also signed may have expired since: then the header had a signature more.',
  gone: 'The secrets that signed it have expired, so the signatures cannot be made again.',
  hidden: 'The signatures are shown to those who may see the signing secret: owners, managers and admins, signed in.',
}

async function readSecrets(
  scope: JobScope,
  projectId: string,
  firedAtMs: number,
  { store, sealer }: SentRequestDeps,
): Promise<{ secrets: string[]; signed: SentRequest['signed'] }> {
  const project = scope.kind === 'user' ? await store.getProject({ userId: scope.userId, id: projectId }) : null
  if (!project || !MANAGING_ROLES.includes(project.role)) return { secrets: [], signed: 'hidden' }
  const valid = await store.listSigningSecrets({ projectId, nowMs: firedAtMs })
  const signing = valid.filter((secret) => secret.createdAtMs <= firedAtMs)
  const oldest = signing.at(-1)
  if (!oldest) return { secrets: [], signed: 'gone' }
  const secrets = signing.map(({ sealed }) => sealer.open(sealed))
  return { secrets, signed: isFirst(oldest.createdAtMs, firedAtMs, project) ? 'complete' : 'partial' }
}

/**
 * Whether no earlier secret can have signed then. Earlier ones expire first, and leave no trace: that there was none is known
 * of the project's first secret, and of one in force for longer than any overlap.
 */
function isFirst(createdAtMs: number, firedAtMs: number, project: Project): boolean {
  return createdAtMs <= project.createdAtMs || firedAtMs - createdAtMs > MAX_OVERLAP_SECONDS * 1000
}
