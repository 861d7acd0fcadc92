#!/usr/bin/env node
// `npx dispatch`: the command line. Packages are installed if this can be found by npx; the build is made when it is missing
// or stale.
import { ensureReady } from '../scripts/ensure.mjs'
import { runMain } from '../scripts/run.mjs'

await runMain(async () => {
  await ensureReady()
  const { runCli } = await import('../dispatch-backend/dist/cli/cli.js')
  await runCli(process.argv)
})
