import * as contract from 'dispatch-contract'
import * as example from './examples.js'
import type { Operations } from './operation.js'

const SCHEDULED = {
  headers: [
    {
      name: 'Idempotency-Key',
      description:
        'Makes a repeat safe: the same key with the same body within 24 hours answers the first job again (200) instead of scheduling a second one.',
      schema: contract.idempotencyKey,
    },
  ],
  errors: ['ADDRESS_NOT_ALLOWED', 'IDEMPOTENCY_CONFLICT', 'BUSY'],
} as const

function scheduled(job: object) {
  const message = 'Job scheduled successfully'
  return {
    200: {
      message,
      when: 'A repeat with the same Idempotency-Key: the first job again, as it is now',
      data: contract.job,
      example: job,
      headers: {
        'idempotent-replayed': '`true`: this is the job of an earlier request with the same Idempotency-Key.',
      },
    },
    201: { message, data: contract.job, example: job },
  }
}

const CANCEL = {
  tag: 'Jobs',
  description:
    'A scheduled job will not fire. In every other state the answer is 400 and nothing changes; with `retrying=true` a FAILED job whose retry is armed is cancelled too.',
  access: 'either',
  query: contract.cancelJobQuery,
  answers: { 200: { message: 'Job cancelled successfully', data: null } },
  errors: ['JOB_NOT_CANCELLABLE', 'BUSY'],
} as const

export const JOB_OPERATIONS = {
  'POST /api/v1/jobs': {
    tag: 'Jobs',
    summary: 'Schedule a job',
    description:
      'At `fireAt` Dispatch POSTs `{jobId, title, payload, firedAt}` to the URL, signed with the secret of the project. Any 2xx answer is a success; everything else is tried again after 30 seconds, 1 minute and 5 minutes, and the job is DEAD after the third failed attempt (unless the operator chose otherwise).',
    access: 'apiKey',
    ...SCHEDULED,
    body: { schema: contract.createJobBody, example: example.jobBody },
    answers: scheduled(example.job),
  },
  'POST /api/v1/projects/:id/jobs': {
    tag: 'Jobs',
    summary: 'Schedule a job of a project, signed in',
    description: 'As `POST /api/v1/jobs`, for people: the session says who, the path says in which project.',
    access: 'session',
    ...SCHEDULED,
    body: { schema: contract.createJobBody, example: example.jobBody },
    answers: scheduled(example.job),
  },
  'POST /api/v1/jobs/:id/replay': {
    tag: 'Jobs',
    summary: 'Fire a job again',
    description:
      'A new job with the title, URL and payload of this one, due now or at `fireAt`. The job itself stays as it is, whatever its state; `replayOf` of the new one names it.',
    access: 'either',
    ...SCHEDULED,
    body: { schema: contract.replayJobBody, example: { fireAt: '2026-06-14T09:30:00Z' }, optional: true },
    answers: scheduled(example.replay),
  },
  'GET /api/v1/jobs/:id/request': {
    tag: 'Jobs',
    summary: 'Show the request of an attempt',
    description:
      'Rebuilt as it was sent: what Dispatch put into headers and body (the HTTP client adds `host`, `connection` and `content-length`; `user-agent` is that of the version that answers). Signatures are made again from the secrets that are still there, for owners, managers and admins with a session; everybody else gets the rest.',
    access: 'either',
    query: contract.jobRequestQuery,
    answers: {
      200: { message: 'Request fetched successfully', data: contract.jobRequest, example: example.jobRequest },
    },
  },
  'POST /api/v1/jobs/cancel': {
    tag: 'Jobs',
    summary: 'Cancel many jobs',
    description:
      'Each is cancelled or refused by itself, by the rules of cancelling one. Those of others are refused with `NOT_FOUND`; one named twice counts once.',
    access: 'either',
    body: { schema: contract.cancelJobsBody, example: { ids: [example.JOB_ID], retrying: false } },
    answers: {
      200: { message: 'Jobs cancelled successfully', data: contract.cancelledJobs, example: example.cancelledJobs },
    },
    errors: ['BUSY'],
  },
  'GET /api/v1/jobs': {
    tag: 'Jobs',
    summary: 'List jobs',
    description:
      'With a session those of all of your projects, with an API key those of its project; newest first unless `sort` and `order` say otherwise.',
    access: 'either',
    query: contract.listJobsQuery,
    answers: { 200: { message: 'Jobs fetched successfully', data: contract.jobPage, example: example.jobPage } },
    errors: ['NOT_FOUND'],
  },
  'GET /api/v1/jobs/export': {
    tag: 'Jobs',
    summary: 'Export jobs',
    description:
      'Every job that the filters leave, in the order of the list, with the outcome of its last attempt, as CSV (UTF-8, RFC 4180; what a spreadsheet would run as a formula has an apostrophe before it) or as JSON lines. Sent as it is read: jobs that are made meanwhile are not in it, one whose status changes meanwhile may be missed by a filter by status, none comes twice. A download that cannot be finished (the database went away, the server stopped, the credentials ended) is broken off: the connection closes before the chunk that ends the body, which every client reports as an error, so that what came cannot be taken for all (over HTTP/1.0 that would not show: 400). Two at a time with the same credentials.',
    access: 'either',
    query: contract.exportJobsQuery,
    answers: {
      200: {
        description: 'A file.',
        contentType: 'text/csv',
        example: example.jobRows,
        orElse: { 'application/x-ndjson': example.jobLines },
      },
    },
    errors: ['NOT_FOUND', 'BUSY'],
  },
  'GET /api/v1/jobs/:id': {
    tag: 'Jobs',
    summary: 'Read a job',
    description: 'With its payload and every attempt, newest first.',
    access: 'either',
    answers: { 200: { message: 'Job fetched successfully', data: contract.jobDetails, example: example.jobDetails } },
  },
  'DELETE /api/v1/jobs/:id': { ...CANCEL, summary: 'Cancel a job' },
  'POST /api/v1/jobs/:id/cancel': { ...CANCEL, summary: 'Cancel a job (for clients without DELETE)' },
} as const satisfies Operations
