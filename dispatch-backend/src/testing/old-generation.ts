/** What of V8's garbage grows old: it costs full collections, which hold up whatever is due meanwhile. */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

setFlagsFromString('--expose-gc')
const collectAll = runInNewContext('gc') as () => void

function oldBytes(): number {
  return getHeapSpaceStatistics()
    .filter(({ space_name }) => !space_name.startsWith('new_'))
    .reduce((sum, space) => sum + space.space_used_size, 0)
}

/**
 * Bytes that reach the old generation while `step` runs so many times. All that lives is made old first: much of what goes
 * wrong starts from there.
 */
export async function bytesGrownOld(times: number, step: (index: number) => Promise<unknown> | void): Promise<number> {
  for (let index = 0; index < times / 10; index += 1) await step(index)
  collectAll()
  let grown = 0
  let before = oldBytes()
  for (let index = 0; index < times; index += 1) {
    await step(index)
    if (index % 500 !== 0) continue
    const now = oldBytes()
    // A full collection in between makes it shrink.
    grown += Math.max(0, now - before)
    before = now
  }
  return grown
}
