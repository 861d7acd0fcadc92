import { v7 } from 'uuid'
import { DispatchError } from '../errors.js'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** A UUIDv7: ids of one process ascend, so "newest first" is "by id, descending". */
export function newId(): string {
  return v7()
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
