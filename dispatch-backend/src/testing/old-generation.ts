/** What of V8's garbage grows old: it costs full collections, which hold up whatever is due meanwhile. */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collectAll = runInNewContext('gc') as () => void

/** Objects and hidden classes; not compiled code, which comes when V8 likes. */
const OLD_SPACES = new Set(['old_space', 'large_object_space', 'map_space'])

function oldBytes(): number {
  return getHeapSpaceStatistics()
    .filter(({ space_name }) => OLD_SPACES.has(space_name))
    .reduce((sum, space) => sum + space.space_used_size, 0)
}

/**
 * Bytes that reach the old generation while `step` runs so many times (a multiple of 20). All that lives is made old first: much of what goes
 * wrong starts from there.
 */
export async function bytesGrownOld(times: number, step: (index: number) => Promise<unknown> | void): Promise<number> {
  for (let index = 0; index < times / 4; index += 1) await step(index)
  collectAll()
  let grown = 0
  let before = oldBytes()
  for (let index = 0; index < times; index += 1) {
    await step(index)
    if ((index + 1) % (times / 20) !== 0) continue
    const now = oldBytes()
    // A full collection in between makes it shrink.
    grown += Math.max(0, now - before)
    before = now
  }
  return grown
}
