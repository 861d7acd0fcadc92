import * as contract from 'dispatch-contract'
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
} as const satisfies Operations
