import { randomInt } from 'node:crypto'
import { v7 } from 'uuid'
import { DispatchError } from '../errors.js'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** A UUIDv7: ids of one process ascend, so "newest first" is "by id, descending". */
export function newId(): string {
  return v7()
}

/** RFC 9562, section 6.2, method 1: begun in the lower half, so that there is room to count in one millisecond. */
const SEQUENCE_START = 2 ** 30
const ids = { lastMs: 0, sequence: 0 }

/**
 * The id of what is created at that instant, which it holds to the millisecond: lists are narrowed to a time by ids. Ids of
 * one process ascend; while its clock is set back they keep the later time.
 */
export function newIdAt(epochMs: number): string {
  ids.sequence = epochMs > ids.lastMs ? randomInt(SEQUENCE_START) : ids.sequence + 1
  ids.lastMs = Math.max(epochMs, ids.lastMs)
  return v7({ msecs: ids.lastMs, seq: ids.sequence })
}

/** An id out of a URL in the form it is stored. Text that can be no id is simply not there: 404 `<what> not found`. */
export function requireId(text: string, what: string): string {
  const id = text.toLowerCase()
  if (!UUID.test(id)) throw notFound(what)
  return id
}

/** Not there, or not the caller's: the answer does not tell which. */
export function notFound(what: string): DispatchError {
  return new DispatchError('NOT_FOUND', { message: `${what} not found` })
}
