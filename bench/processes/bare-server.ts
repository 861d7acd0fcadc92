/** The ceiling of accepted jobs: fastify that parses a job and answers one like it, without a database behind it. */
import { randomUUID } from 'node:crypto'
import Fastify from 'fastify'
import type { AddressInfo } from 'node:net'
import { serveVerbs } from '../process.js'

const app = Fastify()
app.post('/api/v1/jobs', async (request, reply) => {
  const data = { id: randomUUID(), ...(request.body as Record<string, unknown>), status: 'SCHEDULED' }
  return reply.code(201).send({ status: true, message: 'Job scheduled successfully', data })
})

const verbs = {
  async listen(): Promise<number> {
    await app.listen({ host: '127.0.0.1', port: 0 })
    return (app.server.address() as AddressInfo).port
  },
}

export type BareServerVerbs = typeof verbs
serveVerbs(verbs)
