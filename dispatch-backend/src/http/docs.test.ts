import { afterAll, beforeAll, expect, test } from 'vitest'
import { databases } from '../testing/databases.js'
import { html, inline } from './docs/html.js'
import { renderDocument } from './openapi/document.js'
import { openTestApi, type Answer, type TestApi } from './testing/test-api.js'

let api: TestApi
let page: Answer
beforeAll(async () => {
  api = await openTestApi(databases[0]!)
  page = await api.call({ path: '/docs' })
})
afterAll(() => api.close())

const document = renderDocument()
const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods))

test('the document is served as it is made', async () => {
  const answer = await api.call({ path: '/openapi.json' })
  expect(answer.json).toEqual(JSON.parse(JSON.stringify(document)))
  expect(answer.json.openapi).toBe('3.1.0')
})

test('the page holds to its strict policy: nothing inline, nothing from elsewhere', () => {
  const policy = String(page.headers['content-security-policy'])
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("script-src 'self'")
  expect(policy).not.toContain('unsafe')
  expect(page.text).not.toMatch(/<script|<style|\sstyle=|\son\w+=|javascript:/)
  const loaded = [...page.text.matchAll(/<link[^>]* href="([^"]+)"|\ssrc="([^"]+)"/g)].map(
    ([, href, src]) => href ?? src,
  )
  expect(loaded).toEqual(['docs/style.css'])
})

test('the style sheet is where the page looks for it', async () => {
  const url = new URL('docs/style.css', 'http://x/api/v1/docs').pathname
  const answer = await api.call({ path: `/${url}` })
  expect([answer.status, answer.headers['content-type']]).toEqual([200, 'text/css; charset=utf-8'])
  expect(answer.text).toContain('prefers-color-scheme: light')
})

test('every operation is on it once, with a link that leads there', () => {
  const ids = [...page.text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids).toEqual(expect.arrayContaining(operations.map(({ operationId }) => operationId)))
  const links = [...page.text.matchAll(/href="#([^"]+)"/g)].map(([, id]) => id)
  expect(links.filter((id) => !ids.includes(id))).toEqual([])
  for (const { operationId } of operations) expect(links).toContain(operationId)
})

test('the examples are commands of the real API', () => {
  expect(page.text).toContain(
    'curl -X POST &quot;$DISPATCH_URL/api/v1/jobs&quot; \\\n  -H &quot;x-api-key: $DISPATCH_API_KEY&quot;',
  )
  const placeholders = [...page.text.matchAll(/\{(id|keyId)\}&quot;/g)]
  expect(placeholders).toEqual([])
})

test('what is shown is escaped', () => {
  expect(html`<p title="${'"'}">${'<b>&'}${[html`<i>${1}</i>`, undefined]}</p>`.html).toBe(
    '<p title="&quot;">&lt;b&gt;&amp;<i>1</i></p>',
  )
  expect(html`${inline('a `<b>` c')}`.html).toBe('a <code>&lt;b&gt;</code> c')
})
