// The worker in development and in tests, where there is no compiled `worker.js`: a thread starts without the TypeScript
// loader of the process and has to register it for itself.
import { register } from 'tsx/esm/api'

register()
await import('./worker.ts')
