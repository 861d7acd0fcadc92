import { expect, test } from 'vitest'
import integrate from '../../../../docs/prompts/integrate.md?raw'
import selfHosting from '../../../../docs/self-hosting.md?raw'
import using from '../../../../docs/using.md?raw'
import { fillInFor, PROJECT_LOOKUP, publicHost, SAMPLE_BASE_URL, SAMPLE_HOST, SAMPLE_PROJECT_ID } from './fill-in'

const stranger = { baseUrl: 'https://hooks.example.net', projectId: undefined, host: undefined }
const projectId = '01990000-0000-7000-8000-000000000001'

test('the samples stand in the documents, or nothing would be filled in', () => {
  expect(using).toContain(SAMPLE_BASE_URL)
  expect(using).toContain(SAMPLE_PROJECT_ID)
  expect(using.match(PROJECT_LOOKUP)).toHaveLength(1)
  expect(selfHosting).toContain(SAMPLE_HOST)
  expect(integrate).toContain(SAMPLE_BASE_URL)
})

test('a stranger sees the address of this server, everywhere', () => {
  const filled = fillInFor('using', stranger)(using)
  expect(filled).not.toContain(SAMPLE_BASE_URL)
  expect(filled).toContain(`curl -s ${stranger.baseUrl}/api/v1/jobs`)
  expect(filled).toContain(SAMPLE_PROJECT_ID)
})

test('who is signed in sees the project, and need not look it up', () => {
  const filled = fillInFor('using', { ...stranger, projectId })(using)
  expect(filled).not.toContain(SAMPLE_PROJECT_ID)
  expect(filled).toContain(`\nPROJECT=${projectId}\n`)
})

test("an administrator's commands keep the machine's own address, and take the public name", () => {
  const text = 'curl http://localhost:4000/readyz; FRONTEND_URL=https://dispatch.example.com'
  expect(fillInFor('self-hosting', stranger)(text)).toBe(text)
  const filled = fillInFor('self-hosting', { ...stranger, host: 'hooks.example.net' })(text)
  expect(filled).toBe('curl http://localhost:4000/readyz; FRONTEND_URL=https://hooks.example.net')
})

test('only an address with TLS has a public name', () => {
  expect(publicHost(new URL('http://localhost:4000'))).toBeUndefined()
  expect(publicHost(new URL('https://hooks.example.net'))).toBe('hooks.example.net')
})
