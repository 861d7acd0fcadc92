/** The thread of the throw-away server: apart from the demo's, so that receiving and drawing make no webhook late. */
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock as clock } from '../../clock.js'
import { loadConfig } from '../../config.js'
import { Events } from '../../events.js'
import { createLog, logEvents } from '../../log.js'
import { startServer } from '../../server.js'
import { readVersion } from '../../version.js'
import type { FromServer, ServerSetup } from './throwaway-messages.js'

/** What it does at its end lies within a folder that is removed. */
const STOP_GRACE_MS = 200

const port = parentPort
if (!port) throw new Error('throwaway-worker is started as a thread')
const tell = (message: FromServer): void => port.postMessage(message)

try {
  // No `.env` file: the demo sends no mail and touches no database or Redis of anybody's.
  const config = await loadConfig({ env: (workerData as ServerSetup).env, files: [] })
  const events = new Events()
  const write = (line: string): void => tell({ kind: 'log', line: line.trimEnd() })
  const log = createLog({ level: 'ERROR', clock, write, pretty: true })
  logEvents(events, log)
  const server = await startServer(config, { clock, events, log, version: await readVersion(config.root) })
  tell({ kind: 'ready', url: server.url, database: server.database })
  port.once('message', () => void server.stop(STOP_GRACE_MS).finally(() => port.close()))
} catch (error) {
  tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
  port.close()
}
