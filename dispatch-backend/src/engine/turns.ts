/**
 * Things that wait in line, a line per key. `serve` goes round the lines, one thing from each in turn, starting after the
 * line that was served last, so a long line cannot starve the others.
 */
export class Turns<Thing> {
  readonly #lines = new Map<string, Thing[]>()
  #size = 0

  get size(): number {
    return this.#size
  }

  has(key: string): boolean {
    return this.#lines.has(key)
  }

  add(key: string, thing: Thing): void {
    const line = this.#lines.get(key)
    if (line) line.push(thing)
    else this.#lines.set(key, [thing])
    this.#size += 1
  }

  /** Offers the heads of the lines to `take` while `goOn`; a line whose head is not taken is left alone for this time. */
  serve(goOn: () => boolean, take: (thing: Thing) => boolean): void {
    let keys = [...this.#lines.keys()]
    while (keys.length > 0 && goOn()) {
      keys = keys.filter((key) => goOn() && this.#serveOne(key, take))
    }
  }

  /** True while the line may have more that can be taken. */
  #serveOne(key: string, take: (thing: Thing) => boolean): boolean {
    const line = this.#lines.get(key)!
    if (!take(line[0]!)) return false
    line.shift()
    this.#size -= 1
    // To the back of the map: next time the lines that were not served come first.
    this.#lines.delete(key)
    if (line.length === 0) return false
    this.#lines.set(key, line)
    return true
  }
}
