import { expect, test } from 'vitest'
import { ApiError, fieldErrorsOf } from './api-error'

const FIELDS = ['title', 'webhookUrl', 'fireAt']

function refused(code: string, message: string): ApiError {
  return new ApiError({ code, status: 400, message })
}

test('each problem beside its field, without what came', () => {
  const message =
    'title: expected a text of 1 to 191 characters, got an empty text; webhookUrl: expected a valid URL that starts with http:// or https://, got "ftp://a; title: b"; fireAt: expected a time in the future, got "2020-01-01T00:00:00Z" (it is 2026-06-13T09:30:00.000Z now)'
  expect(fieldErrorsOf(refused('VALIDATION', message), FIELDS)).toEqual({
    title: 'Expected a text of 1 to 191 characters',
    webhookUrl: 'Expected a valid URL that starts with http:// or https://',
    fireAt: 'Expected a time in the future',
  })
})

test('words that expect nothing stand as they are', () => {
  const words =
    'The address 10.0.0.1 is private. Set ALLOW_PRIVATE_WEBHOOKS to true, or to a list of CIDRs, to allow it.'
  expect(fieldErrorsOf(refused('ADDRESS_NOT_ALLOWED', `webhookUrl: ${words}`), FIELDS)).toEqual({ webhookUrl: words })
  const both = `title: expected a text, got 1; webhookUrl: ${words}`
  expect(fieldErrorsOf(refused('VALIDATION', both), FIELDS)).toEqual({ title: 'Expected a text', webhookUrl: words })
})

test('what names no field of the form, or is no problem of fields, is left', () => {
  expect(fieldErrorsOf(refused('VALIDATION', 'sort: expected created or due, got 1'), FIELDS)).toEqual({})
  expect(fieldErrorsOf(refused('CONFLICT', 'title: taken'), FIELDS)).toEqual({})
  expect(fieldErrorsOf(new Error('title: expected'), FIELDS)).toEqual({})
})
