/** `GET /jobs/export`: the jobs of a filter as a file. */
import { exportJobsQuery, type ExportFormat } from 'dispatch-contract'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { formatInstant } from '../clock.js'
import { exportJobs } from '../domain/job-export.js'
import { readJobFilter } from '../domain/job-filter.js'
import { DispatchError } from '../errors.js'
import type { Events } from '../events.js'
import { DatabaseAwayError } from '../store/store.js'
import { scopeOf } from './gate.js'
import { readQuery } from './parse.js'
import { exportType, renderExport } from './render-export.js'
import { RunningExports } from './running-exports.js'
import type { Services } from './services.js'

export function exportRoutes(app: FastifyInstance, { store, clock, gate }: Services, events: Events): void {
  const running = new RunningExports()
  // A close would wait for them.
  app.addHook('preClose', (done) => {
    running.stop()
    done()
  })

  // No HEAD: it would read all of it.
  app.get('/jobs/export', { onRequest: gate.freshKeyOrUser, exposeHeadRoute: false }, async (request, reply) => {
    requireMarkedEnd(request)
    const { format, ...query } = readQuery(request, exportJobsQuery)
    const scope = scopeOf(request)
    const owner = ownerOf(request)
    const requireCaller = async (): Promise<void> => {
      if (await gate.isStillValid(request)) return
      throw new DispatchError(scope.kind === 'apiKey' ? 'API_KEY_INVALID' : 'SESSION_INVALID')
    }
    const filter = readJobFilter(scope, query)
    running.requireRoom(owner)
    const pages = exportJobs({ store, clock }, { filter, withPayload: format === 'jsonl', requireCaller })
    const body = running.open(owner, renderExport(format, await begun(pages)))
    body.once('error', (error) => announce(request, error))
    return (
      reply
        .type(exportType(format))
        .header('content-disposition', `attachment; filename="${fileName(format, clock.wallMs())}"`)
        // A proxy that reads ahead would have us read pages that nobody wants any more.
        .header('x-accel-buffering', 'no')
        .send(body)
    )
  })

  function announce({ id: requestId }: FastifyRequest, error: Error): void {
    const isExpected = error instanceof DispatchError || error instanceof DatabaseAwayError
    if (!isExpected) events.emit('unexpected', { where: 'exporting jobs', error, requestId })
  }
}

/** Of a body without a length only HTTP/1.1 and later tell the end: over HTTP/1.0 it is where the connection ends, whyever. */
function requireMarkedEnd({ raw }: FastifyRequest): void {
  if (raw.httpVersion !== '1.0') return
  const message =
    'Exports need HTTP/1.1, as over HTTP/1.0 a download that broke off looks complete (in nginx: proxy_http_version 1.1)'
  throw new DispatchError('VALIDATION', { message })
}

/** The same pages, of which the first has been read: what is wrong with the request is told by the answer's status. */
async function begun<Page>(pages: AsyncGenerator<Page, void, undefined>): Promise<AsyncIterable<Page>> {
  const first = await pages.next()
  return (async function* () {
    try {
      if (first.done !== true) yield first.value
      yield* pages
    } finally {
      await pages.return()
    }
  })()
}

/** A person, or all keys of an organization: of them, and of projects, anybody can make as many as they like. */
function ownerOf({ caller }: FastifyRequest): string {
  if (caller?.kind === 'apiKey') return `organization ${caller.key.organizationId}`
  return `user ${caller?.signedIn.user.id}`
}

/** `dispatch-jobs-20310613T093000Z.csv`: nothing in it comes from the request. */
function fileName(format: ExportFormat, nowMs: number): string {
  const instant = formatInstant(nowMs).replaceAll(/[-:]|\.\d+/g, '')
  return `dispatch-jobs-${instant}.${format}`
}
