import { expect, test } from 'vitest'
import { databases } from '../../testing/databases.js'
import { collectRoutes } from '../attack/testing/registered-routes.js'
import { openTestApi } from '../testing/test-api.js'
import { OPERATIONS, renderDocument } from './document.js'
import { compile, valueProblems } from './testing/check-answer.js'
import type { Content } from './types.js'

const document = renderDocument()
const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods))

test('every route that answers is described, and every one that is described answers', async () => {
  const { built: api, routes } = await collectRoutes(() => openTestApi(databases[0]!))
  const answering: string[] = []
  for (const { method, url } of routes) {
    if (['HEAD', 'OPTIONS'].includes(method)) continue
    // Addresses also take the other methods, only to say that they do not.
    const answer = await api.call({ method: method as 'GET', path: `/${url}` })
    if (answer.status !== 405) answering.push(`${method} ${url}`)
  }
  await api.close()
  expect([...new Set(answering)].sort()).toEqual(Object.keys(OPERATIONS).sort())
})

test('each operation has a name of its own, a known tag and a summary without a full stop', () => {
  const ids = operations.map(({ operationId }) => operationId)
  expect(new Set(ids).size).toBe(ids.length)
  const tags = document.tags.map(({ name }) => name)
  for (const { tags: own, summary } of operations) {
    expect(tags).toEqual(expect.arrayContaining([...own]))
    expect(summary).toMatch(/[^.]$/)
  }
})

test('each reference leads somewhere, and each schema is valid', () => {
  const text = JSON.stringify(document)
  const references = [...text.matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path)
  expect(references.length).toBeGreaterThan(20)
  for (const path of new Set(references)) {
    const target = path.split('/').reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], document)
    expect(target, path).toBeDefined()
  }
  for (const [name, schema] of Object.entries(document.components.schemas)) {
    expect(() => compile(schema), name).not.toThrow()
  }
})

test('the examples are what their schemas say', () => {
  const components = { schemas: document.components.schemas }
  const problems = (content: Content): string[] =>
    Object.values(content).flatMap(({ schema, example, examples = {} }) =>
      [...(example === undefined ? [] : [example]), ...Object.values(examples).map(({ value }) => value)].flatMap(
        (value) => valueProblems({ ...schema, components }, value),
      ),
    )
  for (const { operationId, requestBody, responses } of operations) {
    if (requestBody) expect(problems(requestBody.content), `${operationId} body`).toEqual([])
    for (const [status, { content }] of Object.entries(responses)) {
      expect(problems(content), `${operationId} ${status}`).toEqual([])
    }
  }
})

test('credentials are named as the routes ask for them', () => {
  const security = (path: string, method: string) => document.paths[path]?.[method]?.security
  expect(security('/api/v1/jobs', 'post')).toEqual([{ apiKey: [] }])
  expect(security('/api/v1/jobs', 'get')).toEqual([{ apiKey: [] }, { session: [] }])
  expect(security('/api/v1/projects', 'get')).toEqual([{ session: [] }])
  expect(security('/api/v1/auth/login', 'post')).toEqual([])
  expect(document.components.securitySchemes).toMatchObject({
    apiKey: { type: 'apiKey', in: 'header', name: 'x-api-key' },
    session: { type: 'http', scheme: 'bearer' },
  })
})
