import * as contract from 'dispatch-contract'
import * as z from 'zod'
import * as example from './stats-examples.js'
import type { Operations } from './operation.js'

export const STATS_OPERATIONS = {
  'GET /api/v1/stats': {
    tag: 'Statistics',
    summary: 'What became of deliveries',
    description:
      'Jobs by state, attempts and lateness over time, the endpoints that fail most and the latest failures: with a session over all of your projects (the newest 100), with an API key over its project. An attempt counts for the moment at which its result was there. Buckets are kept for 90 days, also of jobs that have been deleted since.',
    access: 'either',
    query: contract.statsQuery,
    answers: { 200: { message: 'Statistics fetched successfully', data: contract.stats, example: example.stats } },
    errors: ['NOT_FOUND'],
  },
  'GET /api/v1/stats/forecast': {
    tag: 'Statistics',
    summary: 'What is about to be due',
    description: 'By minute for the next hour, by hour for the next day.',
    access: 'either',
    query: contract.forecastQuery,
    answers: { 200: { message: 'Forecast fetched successfully', data: contract.forecast, example: example.forecast } },
    errors: ['NOT_FOUND'],
  },
  'GET /api/v1/events': {
    tag: 'Statistics',
    summary: 'Live events',
    description:
      'Server-sent events, to be read by `fetch` (credentials never go into a URL). `job`: a job was created, claimed, recorded, released or cancelled, and is now so: `{jobId, projectId, status, attempt, nextAttemptAt, at}`. `echo`: the echo of a project has taken a request, or was changed: `{projectId}`. `refresh`: more has changed than is told one by one (50 a second), or changes were missed: read again what is shown; `{reason}` is missed, busy, slow or unseen. A comment comes every 15 seconds. The stream ends within 15 seconds when its credentials do. Changes of projects that were added meanwhile are told after as long.',
    access: 'either',
    query: contract.eventsQuery,
    headers: [
      {
        name: 'Last-Event-ID',
        description: 'The `id` told last: what has changed since is told first.',
        schema: z.string(),
      },
    ],
    answers: {
      200: {
        description: 'A stream that does not end by itself.',
        contentType: 'text/event-stream',
        example: example.events,
      },
    },
    errors: ['NOT_FOUND', 'BUSY'],
  },
} as const satisfies Operations
