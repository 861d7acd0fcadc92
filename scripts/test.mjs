// `npm test`: installs and builds what is stale, then runs every test (which starts the database servers it needs). Further
// arguments go to vitest: `npm test -- dispatch-backend/src/store`.
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ensureReady, ROOT } from './ensure.mjs'
import { run, runMain, say } from './run.mjs'
import { countTests, databaseLines, readReport } from './test-report.mjs'

const REPORT = join(ROOT, '.cache', 'test-report.json')

await runMain(async () => {
  await ensureReady()
  mkdirSync(join(ROOT, '.cache'), { recursive: true })
  rmSync(REPORT, { force: true })
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`]
  const code = await run(process.execPath, [vitest, 'run', ...reporters, ...process.argv.slice(2)], { cwd: ROOT })
  const report = readReport(REPORT)
  if (report) for (const line of ['', 'Tests per database', ...databaseLines(countTests(report).databases)]) say(line)
  return code
})
