// `npm start`: installs and builds what is stale, then serves from this very process, so that signals reach the server.
import { ensureReady } from './ensure.mjs'
import { runMain } from './run.mjs'

await runMain(async () => {
  await ensureReady()
  const { serve } = await import('../dispatch-backend/dist/serve.js')
  await serve()
})
