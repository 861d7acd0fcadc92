/** Run as a process of its own: migrates the database given as JSON and sends what it answered, unless it is killed first. */
import type { DatabaseConfig } from '../store/database-config.js'
import { migrate } from '../store/migrate.js'

const config = JSON.parse(process.argv[2]!) as DatabaseConfig
const { killAtStep } = JSON.parse(process.argv[3]!) as { killAtStep?: number }

const kill = (): unknown => process.kill(process.pid, 'SIGKILL')

const result = await migrate(config, {
  onStep: ({ step }) => {
    if (step !== killAtStep) return
    if (config.kind === 'sqlite') kill()
    // In the next turn of the event loop the statement is with the server, its answer is not yet with us.
    else setImmediate(kill)
  },
})
process.send!(result)
