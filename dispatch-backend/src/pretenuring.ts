import { setFlagsFromString } from 'node:v8'

/**
 * Tells V8 not to learn where objects live long and then to make those of that place in the old generation from the start.
 * It learns it from thousands of jobs that wait for a slot after a burst; the short-lived ones of the next hours then fill
 * the old generation, whose collections make webhooks late (`bench/README.md`). Best called before anything was learned.
 * For the Node it was measured with: another may not know the flag, and would say so on stderr.
 */
export function keepYoungObjectsYoung(): void {
  if (process.versions.node.startsWith('20.')) setFlagsFromString('--no-allocation-site-pretenuring')
}
