/** Run as a process of its own: takes the engine's lock of the file given, says so, and holds it until it is killed. */
import { lockEngine } from '../store/sqlite/engine-lock.js'

lockEngine(process.argv[2]!)
process.send!('locked')
