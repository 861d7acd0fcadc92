// `npm run build`.
import { ensureReady } from './ensure.mjs'
import { runMain } from './run.mjs'

await runMain(() => ensureReady({ alwaysBuild: true }))
