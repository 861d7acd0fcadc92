/** A worker thread: the whole store on one SQLite connection, run by calls from the main thread (`worker-lane.ts`). */
import { parentPort, workerData } from 'node:worker_threads'
import { systemClock } from '../../clock.js'
import { SqlStore } from '../sql-store.js'
import { SqliteDatabase } from './database.js'
import { toPlainError, type Answer, type Call, type WorkerSetup } from './messages.js'

const { file, readOnly, description } = workerData as WorkerSetup
const database = new SqliteDatabase({ file, readOnly, clock: systemClock })
const store = new SqlStore({
  database,
  clock: systemClock,
  capabilities: { singleEngine: true, sharesHostClock: true, description },
})

parentPort!.on('message', (call: Call) => {
  void run(call).then((answer) => {
    parentPort!.postMessage(answer)
    if (call.verb === 'close') parentPort!.close()
  })
})

async function run(call: Call): Promise<Answer> {
  try {
    return { ok: true, value: await perform(call) }
  } catch (error) {
    return { ok: false, error: toPlainError(error) }
  }
}

function perform({ verb, args }: Call): Promise<unknown> | undefined {
  if (verb === 'checkpoint') {
    database.checkpoint()
    return undefined
  }
  // The main thread's types have checked name and arguments; here they are only data.
  const verbs = store as unknown as Record<typeof verb, (...args: readonly unknown[]) => Promise<unknown>>
  return verbs[verb](...args)
}
