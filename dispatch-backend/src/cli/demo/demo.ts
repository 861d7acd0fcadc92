/**
 * `dispatch demo`: schedules a handful of jobs over the public API, on a throw-away server or a running one, and shows what
 * becomes of them. Under 15 seconds.
 */
import { Dispatch } from 'dispatch-client'
import type { Clock } from '../../clock.js'
import { loadSettings, terminalType, type ConfigInput } from '../../config.js'
import { exitCodeOf, handleStopSignals } from '../../signals.js'
import { EXIT } from '../jobs/failure.js'
import { printable } from '../jobs/printable.js'
import { painter } from '../jobs/table.js'
import { DemoError } from './demo-error.js'
import { chooseDisplay } from './display.js'
import { explainDemoFailure } from './failure.js'
import { nextCommands } from './next-commands.js'
import { PLAN } from './plan.js'
import { Progress } from './progress.js'
import { startReceiver } from './receiver.js'
import { runDemo } from './run.js'
import { summarise, summaryLines } from './summary.js'
import { startThrowawayServer } from './throwaway-server.js'

export interface DemoOptions {
  /** A running server; without it one is started and thrown away. */
  readonly server?: string
  /** Default: `DISPATCH_API_KEY`. */
  readonly key?: string
  /** The name by which that server reaches this machine. Default: 127.0.0.1. */
  readonly receiver?: string
  /** Lines instead of a picture that is redrawn. */
  readonly plain?: true
}

export interface DemoSurroundings {
  readonly stdout: NodeJS.WriteStream
  readonly printError: (line: string) => void
  readonly clock: Clock
  readonly input?: ConfigInput
}

interface Target {
  readonly url: string
  readonly apiKey: string
  readonly heading: string
  readonly isThrowaway: boolean
  close(): Promise<void>
}

/** Answers the exit code: 0 = all came as planned; 1 = something did not; 69, 78 as `dispatch jobs`; 130, 143 by a signal. */
export async function demoCommand(options: DemoOptions, surroundings: DemoSurroundings): Promise<number> {
  const stop = new AbortController()
  const { clock, stdout, printError } = surroundings
  let exitCode: number | undefined
  handleStopSignals(clock, {
    first: (signal) => {
      exitCode = exitCodeOf(signal)
      stop.abort()
    },
    again: () => undefined,
  })
  // Nobody reads on (`npx dispatch demo | head`): then nothing of it need go on.
  stdout.on('error', () => stop.abort())
  try {
    const isAsPlanned = await show(options, surroundings, stop.signal)
    return exitCode ?? (isAsPlanned ? EXIT.ok : EXIT.refused)
  } catch (error) {
    if (exitCode !== undefined) return exitCode
    const failure = explainDemoFailure(error, options)
    failure.lines.forEach(printError)
    return failure.exitCode
  }
}

/** False when something did not come as planned. Whatever happens, nothing is left behind. */
async function show(options: DemoOptions, surroundings: DemoSurroundings, signal: AbortSignal): Promise<boolean> {
  const target = await openTarget(options, surroundings)
  try {
    return await showOn(target, options, surroundings, signal)
  } finally {
    await target.close()
  }
}

async function openTarget(options: DemoOptions, { clock, input, stdout }: DemoSurroundings): Promise<Target> {
  const { server, key } = options
  if (server !== undefined) {
    const apiKey = key ?? (await loadSettings(['dispatchApiKey'], input)).dispatchApiKey
    if (apiKey === null)
      throw new DemoError('--server needs the API key of a project: --key sk_…, or DISPATCH_API_KEY.')
    const heading = `Dispatch demo on ${printable(server)}`
    return { url: server, apiKey, heading, isThrowaway: false, close: () => Promise.resolve() }
  }
  if (key !== undefined || options.receiver !== undefined) {
    throw new DemoError('--key and --receiver belong to a running server; say which with --server URL.')
  }
  stdout.write('Starting a throw-away server …\n')
  const started = await startThrowawayServer(clock)
  const heading = `Dispatch demo on a throw-away server, ${started.url}, ${started.database}`
  return { ...started, heading, isThrowaway: true }
}

async function showOn(
  target: Target,
  options: DemoOptions,
  { clock, stdout }: DemoSurroundings,
  signal: AbortSignal,
): Promise<boolean> {
  const { url, apiKey, heading, isThrowaway } = target
  const client = new Dispatch({ url, apiKey })
  const progress = new Progress([...PLAN.named, ...PLAN.burst])
  const [named, burst] = [progress.jobs.slice(0, PLAN.named.length), progress.jobs.slice(PLAN.named.length)]
  const receiver = await startReceiver({ progress, clock, reachedAs: options.receiver ?? null })
  const paint = painter(stdout)
  const plain = options.plain === true || terminalType() === 'dumb'
  const state = () => ({ heading, named, burst, nowMs: clock.wallMs() })
  const display = chooseDisplay({ stdout, paint, clock, state }, { plain })
  progress.listen((one) => display.changed(one))
  try {
    await runDemo({ client, progress, plan: PLAN, receiver, clock, signal })
  } finally {
    display.close()
    await receiver.close()
  }
  if (signal.aborted) {
    stdout.write('Stopped. Jobs that had not fired were cancelled.\n')
    return false
  }
  const summary = summarise(progress.jobs, { sharesClock: isThrowaway })
  const lines = ['', ...summaryLines(summary), '', 'Do it yourself:', ...nextCommands(target)]
  stdout.write(`${lines.join('\n')}\n`)
  return summary.surprises.length === 0
}
