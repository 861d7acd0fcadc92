/**
 * `node dist/main.js`: serves, whoever loads it. A process manager may load it from a script of its own (PM2 does), so
 * nothing here asks whether it is the program that was started.
 */
import { serve } from './serve.js'

await serve()
