import type { FastifyInstance } from 'fastify'
import { JSON_TYPE } from './envelope.js'
import { renderPage } from './docs/page.js'
import { STYLE } from './docs/style.js'
import type { Gate } from './gate.js'
import { renderDocument } from './openapi/document.js'

/** The page has no script, so it may have none. */
const PAGE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** The description of the API, for programs (`openapi.json`) and for people (`docs`). Made once, when first asked for. */
export function docsRoutes(app: FastifyInstance, gate: Gate): void {
  const options = { onRequest: gate.anyone }
  let document: string | undefined
  let page: string | undefined
  app.get('/openapi.json', options, (_request, reply) =>
    reply.type(JSON_TYPE).send((document ??= JSON.stringify(renderDocument()))),
  )
  app.get('/docs', options, (_request, reply) =>
    reply
      .type('text/html; charset=utf-8')
      .header('content-security-policy', PAGE_POLICY)
      .send((page ??= renderPage(renderDocument()))),
  )
  app.get('/docs/style.css', options, (_request, reply) => reply.type('text/css; charset=utf-8').send(STYLE))
}
