import { DispatchApiError, DispatchConnectionError, DispatchTimeoutError } from 'dispatch-client'
import { EXIT, explainFailure, type Explained } from '../jobs/failure.js'
import { printable } from '../jobs/printable.js'
import { DemoError } from './demo-error.js'

/** What to say when the demo cannot be shown, and the exit code for it. Rethrows what is a bug. */
export function explainDemoFailure(error: unknown, { server = '' }: { server?: string }): Explained {
  if (error instanceof DemoError) return { lines: error.message.split('\n'), exitCode: EXIT.refused }
  const said = error instanceof Error ? printable(error.message) : ''
  if (error instanceof DispatchConnectionError || error instanceof DispatchTimeoutError) {
    return { lines: [said, '--server says where the server is.'], exitCode: EXIT.unavailable }
  }
  if (!(error instanceof DispatchApiError)) return explainFailure(error)
  if (error.code === 'ADDRESS_NOT_ALLOWED') return { lines: [said, ...privateHelp(server)], exitCode: EXIT.refused }
  if (error.code === 'API_KEY_INVALID') {
    return { lines: [said, '--key (or DISPATCH_API_KEY) has to be a key of a project there.'], exitCode: EXIT.refused }
  }
  return explainFailure(error)
}

function privateHelp(server: string): string[] {
  return [
    `${printable(server)} refuses webhooks to private addresses, and the receiver of this demo has one.`,
    'If the server is yours, start it with ALLOW_PRIVATE_WEBHOOKS=127.0.0.0/8 (or true, for every private address);',
    'or leave --server out: the demo then starts a server of its own.',
  ]
}
