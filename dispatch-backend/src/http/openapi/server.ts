import * as z from 'zod'
import type { Operations } from './operation.js'

const JSON_TYPE = 'application/json'
const OK = { contentType: JSON_TYPE, schema: z.object({ status: z.literal('ok') }), example: { status: 'ok' } }

export const SERVER_OPERATIONS = {
  'GET /healthz': {
    tag: 'Server',
    summary: 'Does the process live?',
    access: 'anyone',
    answers: { 200: { ...OK, description: 'It lives.' } },
  },
  'GET /readyz': {
    tag: 'Server',
    summary: 'Should requests be sent here?',
    access: 'anyone',
    answers: {
      200: { ...OK, description: 'Ready.' },
      503: {
        description: 'Not ready: stopping, or without its database.',
        contentType: JSON_TYPE,
        schema: z.object({ status: z.literal('not ready'), reason: z.string().nullable() }),
        example: { status: 'not ready', reason: 'the database does not answer' },
      },
    },
  },
  'GET /api/v1/healthcheck': {
    tag: 'Server',
    summary: 'Does the API answer?',
    access: 'anyone',
    answers: { 200: { ...OK, description: 'It does.' } },
  },
  'GET /api/v1/openapi.json': {
    tag: 'Server',
    summary: 'This description, for programs',
    access: 'anyone',
    answers: { 200: { description: 'OpenAPI 3.1.', contentType: JSON_TYPE, schema: z.looseObject({}) } },
    errors: ['RATE_LIMITED'],
  },
  'GET /api/v1/docs': {
    tag: 'Server',
    summary: 'This description, for people',
    access: 'anyone',
    answers: { 200: { description: 'A page.', contentType: 'text/html' } },
    errors: ['RATE_LIMITED'],
  },
  'GET /api/v1/docs/style.css': {
    tag: 'Server',
    summary: 'The look of that page',
    access: 'anyone',
    answers: { 200: { description: 'A style sheet.', contentType: 'text/css' } },
    errors: ['RATE_LIMITED'],
  },
} as const satisfies Operations
