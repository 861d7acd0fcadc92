import { expect, test } from 'vitest'
import { describeDashboard } from './dashboard.js'
import { startLines } from './start-lines.js'

const url = 'http://localhost:4000'

function linesWith(staticFolder: string | null): string {
  const server = { url, database: 'SQLite', mail: 'off', setupToken: 'abc', metricsUrl: undefined }
  return startLines({ ...server, dashboard: describeDashboard(url, { staticFolder }) }, '1.0.0').join('\n')
}

test('the first account is made where that is possible: in the dashboard only when one is served', () => {
  const folder = new URL('../../dispatch-web/', import.meta.url).pathname
  expect(linesWith(folder)).toContain(`make it in the dashboard, or with POST\n            ${url}/api/v1/auth/register`)
  for (const missing of [null, '/nowhere']) {
    expect(linesWith(missing)).toContain(`make it with POST\n            ${url}/api/v1/auth/register`)
    expect(linesWith(missing)).not.toContain('in the dashboard')
  }
})
