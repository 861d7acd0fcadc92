import * as contract from 'dispatch-contract'
import * as example from './examples.js'
import type { Operations } from './operation.js'

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
    headers: [
      {
        name: 'Idempotency-Key',
        description:
          'Makes a repeat safe: the same key with the same body within 24 hours answers the first job again (200) instead of scheduling a second one.',
        schema: contract.idempotencyKey,
      },
    ],
    body: { schema: contract.createJobBody, example: example.jobBody },
    answers: {
      200: {
        message: 'Job scheduled successfully',
        when: 'A repeat with the same Idempotency-Key: the first job again, as it is now',
        data: contract.job,
        example: example.job,
        headers: {
          'idempotent-replayed': '`true`: this is the job of an earlier request with the same Idempotency-Key.',
        },
      },
      201: { message: 'Job scheduled successfully', data: contract.job, example: example.job },
    },
    errors: ['ADDRESS_NOT_ALLOWED', 'IDEMPOTENCY_CONFLICT', 'BUSY'],
  },
  'GET /api/v1/jobs': {
    tag: 'Jobs',
    summary: 'List jobs',
    description: 'Newest first: with a session those of all of your projects, with an API key those of its project.',
    access: 'either',
    query: contract.listJobsQuery,
    answers: { 200: { message: 'Jobs fetched successfully', data: contract.jobPage, example: example.jobPage } },
    errors: ['NOT_FOUND'],
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
