import { expect, test } from 'vitest'
import { webhookUrlHint } from './webhook-url-hint'

test.each(['', 'https://example.com/hooks', 'https://172.32.0.1/', 'https://100.128.0.1/', 'https://10.example.com/'])(
  'nothing about %j',
  (text) => expect(webhookUrlHint(text)).toBeNull(),
)

test.each([
  ['example.com/hooks', /begins with https/],
  ['https://example.com/a b', /%20/],
  ['https://user:pw@example.com/', /User name/],
  ['http://example.com/', /Not encrypted/],
  ...[
    'http://localhost:8080/',
    'https://10.1.2.3/',
    'https://172.16.0.1/',
    'https://192.168.1.1/',
    'https://[::1]/',
  ].map((text) => [text, /ALLOW_PRIVATE_WEBHOOKS/] as const),
  // Other spellings of 127.0.0.1.
  ...['http://2130706433/', 'http://0x7f.1/', 'http://[::ffff:127.0.0.1]/', 'http://localhost./'].map(
    (text) => [text, /ALLOW_PRIVATE_WEBHOOKS/] as const,
  ),
] as const)('says about %j: %s', (text, words) => {
  expect(webhookUrlHint(text)).toMatch(words)
})
