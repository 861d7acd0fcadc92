import {
  cancelJobQuery,
  cancelJobsBody,
  idempotencyKey,
  jobRequestQuery,
  listJobsQuery,
  replayJobBody,
} from 'dispatch-contract'
import { requireId } from '../domain/id.js'
import type { Cancellations, Scheduled } from '../domain/job.js'
import { readJobListQuery } from '../domain/job-filter.js'
import { rebuildRequest } from '../domain/sent-request.js'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { JSON_TYPE, success } from './envelope.js'
import { keyOf, scopeOf } from './gate.js'
import { check, pathPart, rawBody, readBody, readQuery } from './parse.js'
import { renderJobAnswer, renderJobPage, renderSentRequest } from './render-job.js'
import type { Services } from './services.js'

export function jobRoutes(app: FastifyInstance, { jobs, sentRequests, gate }: Services, maxBodyBytes: number): void {
  app.post('/jobs', { onRequest: gate.apiKey, bodyLimit: maxBodyBytes }, async (request, reply) => {
    const owner = { projectId: keyOf(request).projectId, scope: scopeOf(request) }
    return answerScheduled(reply, await jobs.create(owner, rawBody(request), readIdempotencyKey(request)))
  })

  app.post('/projects/:id/jobs', { onRequest: gate.user, bodyLimit: maxBodyBytes }, async (request, reply) => {
    const owner = { projectId: requireId(pathPart(request, 'id'), 'Project'), scope: scopeOf(request) }
    return answerScheduled(reply, await jobs.create(owner, rawBody(request), readIdempotencyKey(request)))
  })

  app.post('/jobs/:id/replay', { onRequest: gate.freshKeyOrUser }, async (request, reply) => {
    const { fireAt } = readBody(request, replayJobBody)
    const details = { fireAt, raw: rawBody(request), idempotencyKey: readIdempotencyKey(request) }
    return answerScheduled(reply, await jobs.replay(scopeOf(request), pathPart(request, 'id'), details))
  })

  app.get('/jobs', { onRequest: gate.freshKeyOrUser }, async (request) => {
    const filter = readJobListQuery(scopeOf(request), readQuery(request, listJobsQuery))
    const found = await jobs.list(filter)
    return success('Jobs fetched successfully', renderJobPage(found, filter.page, filter.limit))
  })

  app.get('/jobs/:id', { onRequest: gate.freshKeyOrUser }, async (request, reply) => {
    const job = await jobs.get(scopeOf(request), pathPart(request, 'id'))
    return reply.type(JSON_TYPE).send(renderJobAnswer('Job fetched successfully', job))
  })

  app.get('/jobs/:id/request', { onRequest: gate.freshKeyOrUser }, async (request) => {
    const { attempt } = readQuery(request, jobRequestQuery)
    const job = await jobs.get(scopeOf(request), pathPart(request, 'id'))
    const sent = await rebuildRequest(scopeOf(request), job, attempt, sentRequests)
    return success('Request fetched successfully', renderSentRequest(sent))
  })

  const manyIds = { onRequest: gate.keyOrUser, bodyLimit: Math.min(MANY_IDS_BYTES, maxBodyBytes) }
  app.post('/jobs/cancel', manyIds, async (request) => {
    const { ids, retrying } = readBody(request, cancelJobsBody)
    const answer = await jobs.cancelMany(scopeOf(request), ids, retrying)
    return success(cancelMessage(answer), answer)
  })

  async function cancel(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { retrying } = readQuery(request, cancelJobQuery)
    await jobs.cancel(scopeOf(request), pathPart(request, 'id'), retrying)
    return reply.send(success('Job cancelled successfully', null))
  }
  app.delete('/jobs/:id', { onRequest: gate.keyOrUser }, cancel)
  app.post('/jobs/:id/cancel', { onRequest: gate.keyOrUser }, cancel)
}

function cancelMessage({ cancelled, refused }: Cancellations): string {
  if (refused.length === 0) return 'Jobs cancelled successfully'
  return cancelled.length === 0 ? 'None of the jobs could be cancelled' : 'Some jobs could not be cancelled'
}

/** 500 ids take 20 KB, or 30 when they are written for people. */
const MANY_IDS_BYTES = 32_768

function answerScheduled(reply: FastifyReply, { job, isReplay }: Scheduled): FastifyReply {
  if (isReplay) reply.header('idempotent-replayed', 'true')
  return reply
    .code(isReplay ? 200 : 201)
    .type(JSON_TYPE)
    .send(renderJobAnswer('Job scheduled successfully', job))
}

function readIdempotencyKey(request: FastifyRequest): string | undefined {
  const header = request.headers['idempotency-key']
  return header === undefined ? undefined : check(idempotencyKey, header, 'Idempotency-Key')
}
