import { DispatchApiError, DispatchConnectionError, DispatchTimeoutError } from 'dispatch-client'
import { CONFIG_EXIT_CODE, ConfigError } from '../../config.js'
import { UsageError } from './new-job.js'
import { printable } from './printable.js'

/** Exit codes of `dispatch jobs`; 69 and 78 are those of sysexits.h. */
export const EXIT = {
  ok: 0,
  /** The server said no, or the command was not understood. */
  refused: 1,
  /** `watch`: the job ended `DEAD` or `CANCELLED`. */
  notDelivered: 3,
  /** No answer: it may be tried again. */
  unavailable: 69,
  configuration: CONFIG_EXIT_CODE,
} as const

const KEY_HELP =
  'DISPATCH_API_KEY is not set. Make a key in your project (POST /api/v1/projects/:id/api-keys) and set it:\n' +
  '  export DISPATCH_API_KEY=sk_…'

/** The command line has no key to talk with. */
export class MissingKeyError extends Error {
  constructor() {
    super(KEY_HELP)
  }
}

/** What to say to people, and the exit code. */
export interface Explained {
  readonly lines: readonly string[]
  readonly exitCode: number
}

/** What to say about a failure, and the exit code for it. Rethrows what is a bug. */
export function explainFailure(error: unknown): Explained {
  if (error instanceof ConfigError || error instanceof MissingKeyError) {
    return { lines: error.message.split('\n'), exitCode: EXIT.configuration }
  }
  if (error instanceof DispatchConnectionError || error instanceof DispatchTimeoutError) {
    return { lines: [printable(error.message), 'DISPATCH_URL says where the server is.'], exitCode: EXIT.unavailable }
  }
  if (error instanceof DispatchApiError) return { lines: explainAnswer(error), exitCode: exitCodeOf(error) }
  // The client throws a TypeError, in words, for what cannot be sent.
  if (error instanceof UsageError || error instanceof TypeError) {
    return { lines: [printable(error.message)], exitCode: EXIT.refused }
  }
  throw error
}

function explainAnswer(error: DispatchApiError): string[] {
  const forLog = error.status >= 500 && error.requestId !== null ? [`Request id: ${printable(error.requestId)}`] : []
  return [printable(error.message), ...helpWith(error), ...forLog]
}

function helpWith({ code }: DispatchApiError): string[] {
  switch (code) {
    case 'API_KEY_INVALID':
      return ['DISPATCH_API_KEY holds the key, DISPATCH_URL says which server it is for.']
    case 'JOB_NOT_CANCELLABLE':
      return ['`npx dispatch jobs cancel --retrying ID` also takes a job that waits for its retry.']
    case 'UNKNOWN':
      return ['DISPATCH_URL says where the server is.']
    default:
      return []
  }
}

function exitCodeOf({ status }: DispatchApiError): number {
  return status === 429 || status >= 500 ? EXIT.unavailable : EXIT.refused
}
