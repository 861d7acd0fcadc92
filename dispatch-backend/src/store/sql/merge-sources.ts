/**
 * The first jobs of many stretches of an index together, without reading that many of each: a person with a hundred projects
 * has six hundred stretches, and ten thousand entries of each would be all there is. (It is the threshold algorithm of Fagin,
 * Lotem and Naor, JCSS 66 (2003), p. 614, for one sorted attribute.)
 */
import type { Connection, Dialect } from './database.js'
import { selectNumbered, type JobSource } from './job-sources.js'
import type { JobPlace } from '../store.js'

/** The least that is read of a stretch at a time: a seek costs as much. */
const LEAST_CHUNK = 16

/** SQLite takes 17 ms for a hundred of them in a statement, and 250 ms for four hundred. */
const STRETCHES_AT_ONCE = 50

interface Numbered {
  readonly id: string
  /** Of a list by due time. */
  readonly fire_at?: number
  /** Which of the sources it is of. */
  readonly source_number: number
}

interface Stretch {
  readonly source: JobSource
  last: JobPlace | undefined
  isOver: boolean
}

/**
 * The first so many jobs of all sources, in their order. Each round reads on, twice as far as the one before, in those
 * stretches that may still have one of them: whose last entry read comes before the last job wanted.
 */
export async function readFirst(
  connection: Connection,
  dialect: Dialect,
  sources: readonly JobSource[],
  { ascending, limit }: { readonly ascending: boolean; readonly limit: number },
): Promise<JobPlace[]> {
  const stretches = sources.map((source): Stretch => ({ source, last: undefined, isOver: false }))
  const compare = ascending ? comparePlaces : (a: JobPlace, b: JobPlace): number => comparePlaces(b, a)
  let first: JobPlace[] = []
  let chunk = Math.max(LEAST_CHUNK, Math.ceil((2 * limit) / sources.length))
  for (;;) {
    const end = first.length < limit ? undefined : first.at(-1)
    const open = stretches.filter(({ last, isOver }) => !isOver && (!last || !end || compare(last, end) < 0))
    if (open.length === 0) return first
    const page = { ascending, limit: Math.min(chunk, limit) }
    const found: JobPlace[] = []
    for (let start = 0; start < open.length; start += STRETCHES_AT_ONCE) {
      found.push(...(await readOn(connection, dialect, open.slice(start, start + STRETCHES_AT_ONCE), page)))
    }
    first = [...first, ...found].sort(compare).slice(0, limit)
    chunk *= 2
  }
}

async function readOn(
  connection: Connection,
  dialect: Dialect,
  open: readonly Stretch[],
  page: { readonly ascending: boolean; readonly limit: number },
): Promise<JobPlace[]> {
  const behind = open.map(({ source, last }) => ({ ...source, ...(last && { after: last }) }))
  const { sql, values } = selectNumbered(dialect, behind, page)
  const rows = await connection.query<Numbered>(sql, values)
  const counts = open.map(() => 0)
  const compare = page.ascending ? comparePlaces : (a: JobPlace, b: JobPlace): number => comparePlaces(b, a)
  const places = rows.map(({ id, fire_at = 0, source_number }) => {
    const place = { id, fireAtMs: fire_at }
    const stretch = open[source_number]!
    counts[source_number]! += 1
    if (!stretch.last || compare(stretch.last, place) < 0) stretch.last = place
    return place
  })
  open.forEach((stretch, index) => (stretch.isOver = counts[index]! < page.limit))
  return places
}

function comparePlaces(a: JobPlace, b: JobPlace): number {
  return a.fireAtMs - b.fireAtMs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
}
