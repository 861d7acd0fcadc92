import * as contract from 'dispatch-contract'
import * as z from 'zod'
import * as example from './echo-examples.js'
import type { Operation, Operations } from './operation.js'

/** The echo itself: the same whatever the method. */
const ANY = {
  tag: 'Echo',
  summary: 'Send anything to an echo',
  description:
    "Takes a request of any content type, keeps it (the project's newest 50; of the body 64 KiB, of credentials nothing) and answers the status, the body and the type that the project's echo was told, after the time it was told to wait. Its answer is outside of the envelope; errors are in it. OPTIONS is answered by CORS and not kept. An echo takes 300 requests a minute, and 64 at a time. Webhooks of this server to its own echo are delivered within the server, also where private addresses are not allowed.",
  access: 'anyone',
  takesAnything: true,
  query: contract.echoQuery,
  answers: {
    200: {
      description: 'What the echo was told to answer; also every other status from 200 to 599.',
      contentType: 'application/json',
      schema: z.unknown(),
      example: { received: true },
    },
  },
  errors: ['NOT_FOUND', 'BODY_TOO_LARGE', 'BUSY'],
} as const satisfies Operation

const sent = { 200: { message: 'Echo updated successfully', data: contract.echo, example: example.echo } } as const

export const ECHO_OPERATIONS = {
  'GET /api/v1/projects/:id/echo': {
    tag: 'Echo',
    summary: "Read a project's echo",
    access: 'session',
    answers: { 200: { message: 'Echo fetched successfully', data: contract.echo, example: example.echo } },
  },
  'PUT /api/v1/projects/:id/echo': {
    tag: 'Echo',
    summary: 'Enable an echo, and tell it what to answer',
    description: 'What is left out stays as it is. Disabled and enabled again it has the same address.',
    access: 'session',
    body: { schema: contract.updateEchoBody, example: { enabled: true, status: 503, delayMs: 2000 }, optional: true },
    answers: sent,
    errors: ['FORBIDDEN'],
  },
  'POST /api/v1/projects/:id/echo/rotate': {
    tag: 'Echo',
    summary: 'Give an echo another address',
    description: 'The one before answers 404 at once, to webhooks that are scheduled too.',
    access: 'session',
    answers: { 200: { ...sent[200], message: 'Echo rotated successfully' } },
    errors: ['FORBIDDEN'],
  },
  'GET /api/v1/projects/:id/echo/requests': {
    tag: 'Echo',
    summary: 'List what came to an echo',
    description: 'The newest 50, newest first, without headers and bodies.',
    access: 'session',
    answers: {
      200: {
        message: 'Requests fetched successfully',
        data: z.array(contract.echoRequestItem),
        example: [example.echoRequestItem],
      },
    },
  },
  'GET /api/v1/projects/:id/echo/requests/:requestId': {
    tag: 'Echo',
    summary: 'Read a request that came to an echo',
    description:
      'With headers, body, and whether each signature is right. Members do not see the signatures themselves.',
    access: 'session',
    answers: {
      200: { message: 'Request fetched successfully', data: contract.echoRequest, example: example.echoRequest },
    },
  },
  'DELETE /api/v1/projects/:id/echo/requests': {
    tag: 'Echo',
    summary: 'Forget what came to an echo',
    access: 'session',
    answers: { 200: { message: 'Requests cleared successfully', data: null } },
    errors: ['FORBIDDEN'],
  },
  'GET /api/v1/echo/:token': ANY,
  'POST /api/v1/echo/:token': ANY,
  'PUT /api/v1/echo/:token': ANY,
  'PATCH /api/v1/echo/:token': ANY,
  'DELETE /api/v1/echo/:token': ANY,
} as const satisfies Operations
