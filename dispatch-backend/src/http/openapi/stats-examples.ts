/** As much of the answers as shows their shape: the real ones have every bucket of the range. */
import { JOB_ID, PROJECT_ID } from './examples.js'

const AT = '2026-06-13T09:30:00.000Z'
const count = (number: number) => ({ count: number, isExact: true })

export const stats = {
  range: { name: '24h', from: '2026-06-12T09:45:00.000Z', to: '2026-06-13T09:31:12.000Z', bucketSeconds: 900 },
  states: {
    SCHEDULED: count(120),
    FIRING: count(1),
    SUCCESS: { count: 10_000, isExact: false },
    FAILED: count(2),
    DEAD: count(3),
    CANCELLED: count(0),
  },
  deliveries: [{ at: AT, isOpen: true, succeeded: 118, failed: 2, interrupted: 0 }],
  lateness: [{ at: AT, isOpen: true, p50: 1, p99: 9, max: 14 }],
  totals: {
    attempts: 120,
    succeeded: 118,
    failed: 2,
    interrupted: 0,
    latenessP50: 1,
    latenessP99: 9,
    latenessMax: 14,
  },
  endpoints: [
    {
      endpoint: 'https://your-app.com:443',
      attempts: 40,
      failed: 2,
      failureRate: 0.05,
      lastError: 'The endpoint answered 500',
      lastFailedAt: AT,
    },
  ],
  latestFailures: [
    {
      jobId: JOB_ID,
      projectId: PROJECT_ID,
      title: 'Trial expiry reminder',
      endpoint: 'https://your-app.com:443',
      attempt: 1,
      at: AT,
      responseCode: 500,
      error: 'The endpoint answered 500',
      willRetry: true,
    },
  ],
  isExact: true,
}

export const forecast = {
  from: AT,
  computedAt: '2026-06-13T09:30:12.000Z',
  minutes: [{ at: AT, due: 3 }],
  hours: [{ at: AT, due: 41 }],
  isExact: true,
}

export const events = `event: job
id: 7e1c.42
data: {"jobId":"${JOB_ID}","projectId":"${PROJECT_ID}","status":"SUCCESS","attempt":1,"nextAttemptAt":null,"at":"${AT}"}

: heartbeat

event: refresh
id: 7e1c.97
data: {"reason":"busy"}
`
