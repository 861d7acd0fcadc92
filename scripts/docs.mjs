// `npm run docs`: writes the pages that are made from the code.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ensureReady, ROOT } from './ensure.mjs'
import { runMain } from './run.mjs'

await runMain(async () => {
  await ensureReady()
  const { renderSettingsPage } = await import('../dispatch-backend/dist/config/settings-page.js')
  writeFileSync(join(ROOT, 'docs', 'configuration.md'), renderSettingsPage())
  const { renderMetricsPage } = await import('../dispatch-backend/dist/metrics/page.js')
  writeFileSync(join(ROOT, 'docs', 'metrics.md'), renderMetricsPage())
  const { withErrorsTable } = await import('../dispatch-backend/dist/errors-table.js')
  const usingPage = join(ROOT, 'docs', 'using.md')
  writeFileSync(usingPage, withErrorsTable(readFileSync(usingPage, 'utf8')))
  const { renderEnvExample } = await import('../dispatch-backend/dist/config/env-example.js')
  writeFileSync(join(ROOT, '.env.example'), renderEnvExample())
})
