/** The values of the user guide, so that page and guide tell one story. */
export const JOB_ID = '3f6c2b8e-7a41-4c9d-9b21-d5a0c3e8f612'
export const PROJECT_ID = '9a1d4e7b-2c58-4f03-8e6a-1b9c7d2f5a30'
export const API_KEY = 'sk_4f8a2c9b51de836b91c0a7e2d4f6a8b0'
const ORGANIZATION_ID = '0b1f6a52-8c3d-4e7f-9a60-2d4c8e1b7f95'
const KEY_ID = '5d2c7e90-1f4b-4a86-b3e1-6c9a0d8f2b47'
const USER_ID = 'e4a7c1d2-6b39-4f58-8d0e-7a2b9c5f1e63'

const CREATED_AT = '2026-06-12T08:14:02.000Z'

export const jobBody = {
  title: 'Trial expiry reminder',
  webhookUrl: 'https://your-app.com/hooks/trial-expiry',
  fireAt: '2026-06-13T09:30:00Z',
  payload: { userId: 'usr_812', plan: 'pro' },
}

const summary = {
  id: JOB_ID,
  projectId: PROJECT_ID,
  title: jobBody.title,
  webhookUrl: jobBody.webhookUrl,
  fireAt: '2026-06-13T09:30:00.000Z',
  status: 'SCHEDULED',
  retryCount: 0,
  attempt: 0,
  nextAttemptAt: '2026-06-13T09:30:00.000Z',
  createdAt: CREATED_AT,
  updatedAt: CREATED_AT,
  replayOf: null,
}

export const job = { ...summary, payload: jobBody.payload, payloadText: '{ "userId": "usr_812", "plan": "pro" }' }

export const replay = { ...job, id: 'b7e1d9c4-0a52-4f83-9d16-3c8e5a7f2b60', replayOf: JOB_ID }

export const cancelledJobs = {
  cancelled: [JOB_ID],
  refused: [{ id: replay.id, code: 'JOB_NOT_CANCELLABLE', message: 'Only scheduled jobs can be cancelled' }],
}

export const jobRequest = {
  method: 'POST',
  url: jobBody.webhookUrl,
  headers: [
    { name: 'content-type', value: 'application/json' },
    { name: 'accept-encoding', value: 'identity' },
    { name: 'user-agent', value: 'Dispatch/0.1.0' },
    { name: 'x-dispatch-attempt', value: '1' },
    { name: 'x-dispatch-scheduled-for', value: '2026-06-13T09:30:00.000Z' },
    { name: 'webhook-id', value: JOB_ID },
    { name: 'webhook-timestamp', value: '1781343000' },
  ],
  body: `{"jobId":"${JOB_ID}","title":"Trial expiry reminder","payload":{ "userId": "usr_812", "plan": "pro" },"firedAt":"2026-06-13T09:30:00.001Z"}`,
  attempt: 1,
  firedAt: '2026-06-13T09:30:00.001Z',
  signed: 'hidden',
  note: 'The signatures are shown to those who may see the signing secret: owners, managers and admins, signed in.',
}

const projectName = { id: PROJECT_ID, name: 'production' }

export const jobPage = {
  jobs: [{ ...summary, project: projectName }],
  pagination: { total: 42, page: 1, limit: 20, totalPages: 3, totalIsExact: true },
}

const exportedJob = {
  ...job,
  status: 'SUCCESS',
  attempt: 1,
  nextAttemptAt: null,
  project: projectName,
  lastAttempt: {
    id: 'c81f0a4d-93b2-4e67-a5d8-0f7c2b6e1a94',
    attempt: 1,
    status: 'SUCCESS',
    responseCode: 200,
    responseTruncated: false,
    firedAt: '2026-06-13T09:30:00.001Z',
    durationMs: 124,
    latenessMs: 1,
    error: null,
  },
}

export const jobLines = `${JSON.stringify(exportedJob)}\n`

export const jobRows =
  'id,projectId,project,title,webhookUrl,status,fireAt,nextAttemptAt,attempt,retryCount,createdAt,updatedAt,replayOf,' +
  'lastAttemptStatus,lastAttemptFiredAt,lastAttemptResponseCode,lastAttemptDurationMs,lastAttemptLatenessMs,lastAttemptError\r\n' +
  `${JOB_ID},${PROJECT_ID},production,${jobBody.title},${jobBody.webhookUrl},SUCCESS,2026-06-13T09:30:00.000Z,,1,0,` +
  `${CREATED_AT},2026-06-13T09:30:00.161Z,,SUCCESS,2026-06-13T09:30:00.001Z,200,124,1,\r\n`

export const jobDetails = {
  ...job,
  status: 'SUCCESS',
  attempt: 1,
  nextAttemptAt: null,
  updatedAt: '2026-06-13T09:30:00.161Z',
  project: projectName,
  logs: [
    {
      id: 'c81f0a4d-93b2-4e67-a5d8-0f7c2b6e1a94',
      attempt: 1,
      status: 'SUCCESS',
      responseCode: 200,
      responseBody: '{"received":true}',
      responseTruncated: false,
      firedAt: '2026-06-13T09:30:00.001Z',
      durationMs: 124,
      latenessMs: 1,
      error: null,
    },
  ],
}

export const project = {
  id: PROJECT_ID,
  organizationId: ORGANIZATION_ID,
  name: 'production',
  createdAt: CREATED_AT,
  updatedAt: CREATED_AT,
  counts: { jobs: 42, apiKeys: 1 },
}

export const apiKey = {
  id: KEY_ID,
  label: 'production server',
  lastFour: 'a8b0',
  createdAt: CREATED_AT,
  lastUsedAt: '2026-06-13T09:29:10.000Z',
}

export const newApiKey = {
  id: KEY_ID,
  key: `${API_KEY}…`,
  label: 'production server',
  lastFour: 'a8b0',
  createdAt: CREATED_AT,
}

export const signingSecret = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  createdAt: CREATED_AT,
  previous: [{ createdAt: '2026-01-02T10:00:00.000Z', expiresAt: '2026-06-13T08:14:02.000Z' }],
}

export const user = {
  id: USER_ID,
  email: 'ada@example.com',
  name: 'Ada',
  isEmailVerified: true,
  isInstanceOwner: false,
  createdAt: CREATED_AT,
}

export const session = {
  id: 'a7d3e1f0-5c2b-4894-9e6d-1b8f0c4a2e75',
  createdAt: CREATED_AT,
  lastSeenAt: '2026-06-13T09:29:10.000Z',
  ipAddress: '203.0.113.9',
  userAgent: 'curl/8.5.0',
  current: true,
}

export const signedIn = { token: 'eyJhbGciOiJIUzI1NiJ9…', user }

export const me = {
  ...user,
  organizations: [{ id: ORGANIZATION_ID, name: "Ada's organization", slug: 'ada-0b1f6a52', role: 'owner' }],
}
