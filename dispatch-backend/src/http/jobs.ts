import { cancelJobQuery, idempotencyKey, listJobsQuery } from 'dispatch-contract'
import { readJobFilter } from '../domain/job-filter.js'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { JSON_TYPE, success } from './envelope.js'
import { keyOf, scopeOf } from './gate.js'
import { check, pathPart, rawBody, readQuery } from './parse.js'
import { renderJobAnswer, renderJobPage } from './render-job.js'
import type { Services } from './services.js'

export function jobRoutes(app: FastifyInstance, { jobs, gate }: Services, maxBodyBytes: number): void {
  app.post('/jobs', { onRequest: gate.apiKey, bodyLimit: maxBodyBytes }, async (request, reply) => {
    const { job, isReplay } = await jobs.create(keyOf(request), rawBody(request), readIdempotencyKey(request))
    if (isReplay) reply.header('idempotent-replayed', 'true')
    return reply
      .code(isReplay ? 200 : 201)
      .type(JSON_TYPE)
      .send(renderJobAnswer('Job scheduled successfully', job))
  })

  app.get('/jobs', { onRequest: gate.freshKeyOrUser }, async (request) => {
    const filter = readJobFilter(scopeOf(request), readQuery(request, listJobsQuery))
    const found = await jobs.list(filter)
    return success('Jobs fetched successfully', renderJobPage(found, filter.page, filter.limit))
  })

  app.get('/jobs/:id', { onRequest: gate.freshKeyOrUser }, async (request, reply) => {
    const job = await jobs.get(scopeOf(request), pathPart(request, 'id'))
    return reply.type(JSON_TYPE).send(renderJobAnswer('Job fetched successfully', job))
  })

  async function cancel(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { retrying } = readQuery(request, cancelJobQuery)
    await jobs.cancel(scopeOf(request), pathPart(request, 'id'), retrying)
    return reply.send(success('Job cancelled successfully', null))
  }
  app.delete('/jobs/:id', { onRequest: gate.keyOrUser }, cancel)
  app.post('/jobs/:id/cancel', { onRequest: gate.keyOrUser }, cancel)
}

function readIdempotencyKey(request: FastifyRequest): string | undefined {
  const header = request.headers['idempotency-key']
  return header === undefined ? undefined : check(idempotencyKey, header, 'Idempotency-Key')
}
