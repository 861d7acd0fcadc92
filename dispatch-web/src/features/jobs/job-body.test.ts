import { expect, test } from 'vitest'
import { jobBodyText, jobForm } from './job-body'

const JOB = { title: 'a "quoted" title', webhookUrl: 'https://example.com/hook', fireAt: '2026-06-13T09:30:00.000Z' }

test('the payload goes in as it was typed', () => {
  const payload = '{ "n": 12345678901234567890,\n  "f": 1.0, "n": 1e400 }'
  const text = jobBodyText({ ...JOB, payload })
  expect(text).toBe(
    `{"title":"a \\"quoted\\" title","webhookUrl":"https://example.com/hook","fireAt":"2026-06-13T09:30:00.000Z","payload":${payload}}`,
  )
})

test('no payload is none', () => {
  expect(JSON.parse(jobBodyText({ ...JOB, payload: ' \n' }))).toEqual(JOB)
})

test.each([
  ['{} , "title": "another"', 'nothing more at line 1, column 4, got “,”'],
  ['{"a": }', 'a value at line 1, column 7, got “}”'],
  ['[1]', 'a JSON object, such as {"userId": "usr_812"}'],
  ['"text"', 'a JSON object, such as {"userId": "usr_812"}'],
])('refuses the payload %s', (payload, message) => {
  const parsed = jobForm.safeParse({ ...JOB, projectId: 'p', payload })
  expect(parsed.error?.issues).toMatchObject([{ path: ['payload'], message }])
})

test('takes an object and an empty text', () => {
  for (const payload of ['', '{}', '{"a":{"b":[]}}']) {
    expect(jobForm.safeParse({ ...JOB, projectId: 'p', payload }).success).toBe(true)
  }
})
