/**
 * One attempt, as a pipeline in which each step's output is the next one's only input:
 *
 *   claimed job -> wait for the due millisecond -> sign -> send (the guard judges inside the connector) -> classify -> record
 *
 * An attempt that sent nothing is handed back instead of recorded, and is as if it had never been claimed.
 */
import type { Clock } from '../clock.js'
import { classify, type DeliveryError } from '../delivery/classify.js'
import { deliveryBody, deliveryHeaders, timestampSeconds } from '../delivery/delivery-request.js'
import { afterFailure, type RetryPolicy } from '../delivery/retry-policy.js'
import { signatureHeaders } from '../delivery/signature.js'
import type { AttemptRecord, ClaimedJob, NextState } from '../store/store.js'
import { elapsedMs, type Moment } from './elapsed.js'
import type { EngineClock } from './engine-clock.js'
import { CLAIMED_TOO_EARLY_MS, MAX_INTERRUPTIONS } from './limits.js'
import type { Send, SendRequest, SendResult } from './send.js'

/** The claim an attempt acts under. */
export interface Claim {
  readonly id: string
  readonly leaseMs: number
  /** When it was asked for, not when it was answered. */
  readonly issued: Moment
}

export interface AttemptDeps {
  readonly clock: Clock
  readonly engineClock: EngineClock
  readonly send: Send
  /** Looks the host up while the job waits for its millisecond; best effort. */
  readonly prepare: (url: string) => void
  readonly openSecret: (sealed: string) => string
  readonly newId: () => string
  readonly retryPolicy: RetryPolicy
  readonly deliveryTimeoutMs: number
  readonly userAgent: string
  /** Aborted when the engine stops: what has not been sent yet is handed back. */
  readonly stopping: AbortSignal
  /** Aborted at the shutdown deadline: what is in flight is interrupted. */
  readonly deadline: AbortSignal
}

export type AttemptEnd = { readonly kind: 'record'; readonly record: AttemptRecord } | { readonly kind: 'unsent' }

/**
 * Delivers `job` at its due time under `claim`. `sealedSecrets` are the project's unexpired ones, newest first; if one
 * cannot be opened the attempt fails, since an unsigned delivery would be refused or, worse, believed.
 */
export async function runAttempt(
  job: ClaimedJob,
  claim: Claim,
  sealedSecrets: readonly string[],
  deps: AttemptDeps,
): Promise<AttemptEnd> {
  deps.prepare(job.webhookUrl)
  if (!(await untilDue(job, deps))) return { kind: 'unsent' }

  const firedAtMs = deps.engineClock.nowMs()
  const startedMs = deps.clock.monotonicMs()
  const firstByte: { atMs: number | null } = { atMs: null }
  const result = await sendSigned(job, firedAtMs, sealedSecrets, deps, {
    url: job.webhookUrl,
    timeoutMs: deps.deliveryTimeoutMs,
    signal: deps.deadline,
    beforeFirstByte: () => {
      if (!leaseHolds(claim, deps)) return false
      firstByte.atMs ??= deps.engineClock.nowMs()
      return true
    },
  })
  if (result.kind === 'unsent') return { kind: 'unsent' }

  const endedMs = deps.engineClock.nowMs()
  const outcome = classify(result)
  const interrupted = wasInterrupted(result)
  return {
    kind: 'record',
    record: {
      attemptId: deps.newId(),
      jobId: job.id,
      claimId: claim.id,
      attempt: job.attempt,
      status: interrupted ? 'INTERRUPTED' : outcome.kind === 'delivered' ? 'SUCCESS' : 'FAILED',
      scheduledForMs: job.dueAtMs,
      firedAtMs,
      responseCode: outcome.responseCode,
      responseBody: outcome.responseBody,
      responseTruncated: outcome.responseTruncated,
      latenessMs: firstByte.atMs === null ? null : Math.max(0, firstByte.atMs - job.dueAtMs),
      durationMs: Math.round(deps.clock.monotonicMs() - startedMs),
      error: interrupted ? STOPPED_WORDS : outcome.error,
      next: interrupted
        ? { status: 'interrupted', maxInterruptions: MAX_INTERRUPTIONS }
        : nextState(outcome.kind, job, endedMs, deps.retryPolicy),
      nowMs: endedMs,
    },
  }
}

const STOPPED_WORDS =
  'Dispatch was stopped while this attempt was under way; the endpoint may have received it. It is sent again.'

/**
 * Reads the clock again after each sleep: timers may fire early. False: not to be sent now, because the engine stops, or
 * because the clock was set back so far that the job would hold its slot and lease for nothing.
 */
async function untilDue(job: ClaimedJob, deps: AttemptDeps): Promise<boolean> {
  for (;;) {
    const waitMs = job.dueAtMs - deps.engineClock.nowMs()
    if (deps.stopping.aborted || waitMs > CLAIMED_TOO_EARLY_MS) return false
    if (waitMs <= 0) return true
    await deps.clock.sleep(waitMs, deps.stopping)
  }
}

/** True while nobody else can have been given the job for as long as this delivery may take. */
function leaseHolds(claim: Claim, deps: AttemptDeps): boolean {
  return elapsedMs(claim.issued, deps.clock) + deps.deliveryTimeoutMs < claim.leaseMs
}

async function sendSigned(
  job: ClaimedJob,
  firedAtMs: number,
  sealedSecrets: readonly string[],
  deps: AttemptDeps,
  request: Omit<SendRequest, 'headers' | 'body'>,
): Promise<SendResult | DeliveryError> {
  const body = deliveryBody(job, firedAtMs)
  let headers: Record<string, string>
  try {
    const secrets = sealedSecrets.map(deps.openSecret)
    const signable = { jobId: job.id, body, timestampSeconds: timestampSeconds(firedAtMs), secrets }
    headers = Object.assign(deliveryHeaders(job, deps.userAgent), signatureHeaders(signable))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { kind: 'error', message: `Not sent: the delivery could not be signed (${reason})` }
  }
  return deps.send({ body, headers, ...request })
}

function wasInterrupted(result: SendResult | DeliveryError): boolean {
  return result.kind === 'error' && 'code' in result && result.code === 'aborted'
}

function nextState(
  outcome: 'delivered' | 'failed',
  job: ClaimedJob,
  failedAtMs: number,
  policy: RetryPolicy,
): NextState {
  if (outcome === 'delivered') return { status: 'SUCCESS' }
  const next = afterFailure({ retryCount: job.retryCount, failedAtMs }, policy)
  return next.dead ? { status: 'DEAD' } : { status: 'FAILED', retryAtMs: next.retryAtMs }
}
