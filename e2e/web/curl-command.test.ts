/** The command that the dashboard offers, read by a real shell. */
import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toCurl } from '../../dispatch-web/src/features/jobs/curl.js'

/** The arguments that a real shell makes of the command, with `curl` replaced by a function that prints them. */
function argumentsOf(command: string): string[] {
  const script = `curl() { for one in "$@"; do printf '%s\\0' "$one"; done; }\n${command}\n`
  return execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1)
}

function expected(request: Parameters<typeof toCurl>[0]): string[] {
  const headers = request.headers.flatMap(({ name, value }) => ['-H', `${name}: ${value}`])
  return ['--globoff', '-X', 'POST', request.url, ...headers, '--data-raw', request.body]
}

const request = (body: string, value = 'v'): Parameters<typeof toCurl>[0] => ({
  method: 'POST',
  url: "https://example.com/a[1]?q={x}&it's=$HOME",
  headers: [{ name: 'x-dispatch-attempt', value }],
  body,
})

test.each([
  "it's",
  `'"\`$(touch x)\``,
  '$HOME %s \\n ! # & ; | > < * ?',
  'line\nline\r\n\ttab',
  "'''",
  "\\'",
  '@/etc/passwd',
  'ünï😀',
])('a shell passes %j on as it is', (text) => {
  expect(argumentsOf(toCurl(request(text, text.replace(/\s/g, ''))))).toEqual(
    expected(request(text, text.replace(/\s/g, ''))),
  )
})

test('whatever the payload', () => {
  // An argument of a program cannot hold NUL; JSON writes it as an escape.
  const text = fc.string({ unit: 'binary' }).map((all) => all.replaceAll('\0', ''))
  fc.assert(
    fc.property(text, (body) => {
      expect(argumentsOf(toCurl(request(body)))).toEqual(expected(request(body)))
    }),
    { numRuns: 10 },
  )
})
