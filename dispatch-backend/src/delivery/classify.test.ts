import { expect, test } from 'vitest'
import { classify } from './classify.js'

const answer = (statusCode: number, bodyTruncated = false) =>
  classify({ kind: 'response', statusCode, body: 'ok', bodyTruncated })

test.each([200, 201, 202, 204, 206, 226, 299])('%i is delivered', (statusCode) => {
  expect(answer(statusCode)).toEqual({
    kind: 'delivered',
    responseCode: statusCode,
    responseBody: 'ok',
    responseTruncated: false,
    error: null,
  })
})

test('a 2xx whose body stalled, broke or was too long is still delivered, and marked', () => {
  expect(answer(200, true)).toMatchObject({ kind: 'delivered', responseTruncated: true, error: null })
})

test.each([
  [301, 'redirects are not followed; schedule with the final URL'],
  [304, 'redirects are not followed'],
  [308, 'redirects are not followed'],
  [400, 'did not understand'],
  [401, 'wants credentials'],
  [403, 'refuses'],
  [404, 'check the webhook URL'],
  [410, 'gone for good'],
  [413, 'too large'],
  [418, 'refuses the request'],
  [429, 'too often'],
  [500, 'see its own log'],
  [502, 'a proxy could not reach'],
  [503, 'not available'],
  [504, 'answer first'],
  [599, 'see its own log'],
  [600, 'only a status from 200 to 299'],
  [999, 'only a status from 200 to 299'],
])('%i is failed, in words that say what to do', (statusCode, words) => {
  const outcome = answer(statusCode)
  expect(outcome).toMatchObject({ kind: 'failed', responseCode: statusCode, responseBody: 'ok' })
  expect(outcome.error).toContain(`Answered ${statusCode}: `)
  expect(outcome.error).toContain(words)
})

test('no answer is failed, with the words of the sender', () => {
  expect(classify({ kind: 'error', message: 'No answer within 30 s' })).toEqual({
    kind: 'failed',
    responseCode: null,
    responseBody: null,
    responseTruncated: false,
    error: 'No answer within 30 s',
  })
})
