/**
 * The process: reads the configuration, starts the server, says so, and stops it on SIGTERM or SIGINT.
 *
 * Exit codes: 0 stopped in order; 1 could not start, or a bug (whatever was under way is taken up again after the next
 * start: the rows are the truth); 78 the configuration has mistakes; 130 and 143 a second SIGINT or SIGTERM.
 */
import { systemClock } from './clock.js'
import { CONFIG_EXIT_CODE, ConfigError, loadConfig, type Config } from './config.js'
import { Events } from './events.js'
import { createLog, logEvents, type Log } from './log.js'
import { keepYoungObjectsYoung } from './pretenuring.js'
import { startServer, type Server } from './server.js'
import { handleStopSignals } from './signals.js'
import { firstAccountLines, startLines } from './start-lines.js'
import { readVersion } from './version.js'

const clock = systemClock

/** Serves until a signal comes. Resolves once the server is up, or with `process.exitCode` set when it cannot be. */
export async function serve(): Promise<void> {
  keepYoungObjectsYoung()
  try {
    const config = await loadConfig()
    const version = await readVersion(config.root)
    const log = createProcessLog(config)
    const events = new Events()
    logEvents(events, log)
    const server = await startServer(config, { clock, events, log, version })
    handleCrashes(log)
    handleSignals(server, config, log)
    print(startLines(server, version))
    events.on('setupTokenMade', ({ setupToken }) => print(firstAccountLines(server, setupToken)))
    tellProcessManager()
  } catch (error) {
    process.exitCode = reportFailure(error)
  }
}

/** Prints why a command cannot go on, and answers the exit code for it. */
export function reportFailure(error: unknown): number {
  if (error instanceof ConfigError) {
    process.stderr.write(`${error.message}\ndocs/configuration.md describes every setting.\n`)
    return CONFIG_EXIT_CODE
  }
  process.stderr.write(`Dispatch cannot go on: ${error instanceof Error ? error.message : String(error)}\n`)
  return 1
}

function createProcessLog({ logLevel }: Config): Log {
  // Losing the reader of our output (a closed pipe) is no reason to stop sending webhooks.
  process.stdout.on('error', () => undefined)
  const write = (line: string): void => void process.stdout.write(line)
  return createLog({ level: logLevel, clock, write, pretty: process.stdout.isTTY })
}

/** PM2 waits for this word (`wait_ready`) before it restarts the next process. Without such a manager there is no channel. */
function tellProcessManager(): void {
  process.send?.('ready', undefined, undefined, () => undefined)
}

function print(lines: readonly string[]): void {
  process.stdout.write(`${lines.join('\n')}\n`)
}

/** After a bug the process is in an unknown state; a fresh one takes up everything from the rows. */
function handleCrashes(log: Log): void {
  process.on('uncaughtException', (error: unknown) => {
    log.critical(
      { error },
      'unexpected failure; exiting. Nothing is lost: what was under way is taken up at the next start',
    )
    process.exit(1)
  })
}

function handleSignals(server: Server, config: Config, log: Log): void {
  handleStopSignals(clock, {
    first: () => void stop(server, config, log),
    again: () => print(['Exiting at once; webhooks in flight are sent again after the next start.']),
  })
}

async function stop(server: Server, { shutdownTimeoutMs }: Config, log: Log): Promise<void> {
  print([`Stopping: webhooks in flight have ${shutdownTimeoutMs / 1_000} s to finish. A second signal exits at once.`])
  try {
    await server.stop(shutdownTimeoutMs)
    print(['Stopped.'])
    process.exit(0)
  } catch (error) {
    log.critical({ error }, 'the stop failed half-way; what was under way is taken up at the next start')
    process.exit(1)
  }
}
