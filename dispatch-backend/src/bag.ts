interface Entry<Thing> {
  readonly thing: Thing
  index: number
}

/**
 * What is under way, in no order: things that come and go by the thousand while the bag stays.
 *
 * Instead of a `Set`: V8 replaces the tables of sets and maps as entries come and go, and each replaced table points to its
 * successor. Once a full collection has moved one to the old generation, each that follows survives in turn, with all it
 * held and all that refers to, until the next full collection, which is the sooner for it. Here nothing points to what left.
 */
export class Bag<Thing> implements Iterable<Thing> {
  readonly #entries: Entry<Thing>[] = []

  get size(): number {
    return this.#entries.length
  }

  /** Answers how to take it out again, which is idempotent. */
  add(thing: Thing): () => void {
    const entry = { thing, index: this.#entries.length }
    this.#entries.push(entry)
    return () => this.#remove(entry)
  }

  /** Over what is in it now, less what is taken out meanwhile. */
  *[Symbol.iterator](): Iterator<Thing> {
    for (const entry of [...this.#entries]) if (this.#has(entry)) yield entry.thing
  }

  #has(entry: Entry<Thing>): boolean {
    return this.#entries[entry.index] === entry
  }

  #remove(entry: Entry<Thing>): void {
    if (!this.#has(entry)) return
    const last = this.#entries.pop()!
    if (last === entry) return
    this.#entries[entry.index] = last
    last.index = entry.index
  }
}
