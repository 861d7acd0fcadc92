// `npm run dev`: compiles on every change, and restarts the server when its compiled files changed.
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { ensureReady, ROOT } from './ensure.mjs'
import { runMain } from './run.mjs'

await runMain(async () => {
  await ensureReady()
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc')
  const start = (args) => spawn(process.execPath, args, { cwd: ROOT, stdio: 'inherit' })
  const children = [
    start([tsc, '--build', 'dispatch-backend/tsconfig.build.json', '--watch', '--preserveWatchOutput']),
    start(['--watch', '--watch-preserve-output', join('dispatch-backend', 'dist', 'main.js')]),
  ]
  // Ctrl-C reaches the children by itself; a SIGTERM from elsewhere is passed on. They end in order, and so do we.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => children.forEach((child) => child.kill('SIGTERM')))
  for (const child of children) child.once('exit', () => children.forEach((other) => other.kill('SIGTERM')))
})
