import { createHash } from 'node:crypto'

/** A text becomes a prepared statement when it comes for the third time; batches of odd sizes seldom do. */
const HOT_AFTER = 2
/** Each connection keeps every statement it prepared, some 10 KiB on the server. */
const MOST_NAMES = 200
const MOST_COUNTED = 2_000

/** Names for the texts that are worth a prepared statement. One set serves all connections of a pool. */
export class StatementNames {
  readonly #names = new Map<string, string>()
  readonly #counts = new Map<string, number>()

  /** The same name for the same text always; undefined = send it unnamed. */
  nameOf(text: string): string | undefined {
    const name = this.#names.get(text)
    if (name !== undefined || this.#names.size >= MOST_NAMES) return name
    const count = this.#counts.get(text) ?? 0
    if (count >= HOT_AFTER) {
      this.#counts.delete(text)
      const made = createHash('sha256').update(text).digest('hex').slice(0, 32)
      this.#names.set(text, made)
      return made
    }
    if (this.#counts.size >= MOST_COUNTED) this.#counts.clear()
    this.#counts.set(text, count + 1)
    return undefined
  }
}
