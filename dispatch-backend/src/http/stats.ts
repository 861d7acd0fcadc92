import { forecastQuery, statsQuery } from 'dispatch-contract'
import type { FastifyInstance } from 'fastify'
import { success } from './envelope.js'
import { scopeOf } from './gate.js'
import { readQuery } from './parse.js'
import { renderForecast, renderStats } from './render-stats.js'
import type { Services } from './services.js'

export function statsRoutes(app: FastifyInstance, { stats, gate }: Services): void {
  app.get('/stats', { onRequest: gate.freshKeyOrUser }, async (request) => {
    const { range, projectId } = readQuery(request, statsQuery)
    const found = await stats.read({ scope: scopeOf(request), range, ...(projectId !== undefined && { projectId }) })
    return success('Statistics fetched successfully', renderStats(found))
  })

  app.get('/stats/forecast', { onRequest: gate.freshKeyOrUser }, async (request) => {
    const { projectId } = readQuery(request, forecastQuery)
    const found = await stats.forecast({ scope: scopeOf(request), ...(projectId !== undefined && { projectId }) })
    return success('Forecast fetched successfully', renderForecast(found))
  })
}
