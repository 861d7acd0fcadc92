/**
 * Run as a process of its own, with `--expose-gc`: takes the engine's lock of the file given, says so, and holds it until it is
 * killed or its parent is gone. Nothing here refers to the lock any more, and still it must stay.
 */
import { lockEngine } from '../store/sqlite/engine-lock.js'

lockEngine(process.argv[2]!)
// Listening also keeps the process alive.
process.on('disconnect', () => process.exit())
setImmediate(() => {
  globalThis.gc!()
  process.send!('locked')
})
