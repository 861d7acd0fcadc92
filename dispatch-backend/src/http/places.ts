/**
 * Who may have how many of what there is only so much of at a time. One owner may have `ofOne`, and never more than are free:
 * the fewer are left, the fewer one may hold of them, so that a few who take all they can leave some to others (the dynamic
 * threshold of Choudhury and Hahne, IEEE/ACM Transactions on Networking 6 (1998), p. 130).
 */
export class Places {
  readonly #ofOne: number
  readonly #ofAll: number
  readonly #held = new Map<string, number>()
  #all = 0

  constructor({ ofOne, ofAll }: { readonly ofOne: number; readonly ofAll: number }) {
    this.#ofOne = ofOne
    this.#ofAll = ofAll
  }

  /** Answers how to leave again, which is called once; undefined: there is no place. */
  enter(owner: string): (() => void) | undefined {
    const own = this.#held.get(owner) ?? 0
    if (own >= Math.min(this.#ofOne, this.#ofAll - this.#all)) return undefined
    this.#held.set(owner, own + 1)
    this.#all += 1
    return () => this.#leave(owner)
  }

  #leave(owner: string): void {
    this.#all -= 1
    const left = (this.#held.get(owner) ?? 1) - 1
    if (left === 0) this.#held.delete(owner)
    else this.#held.set(owner, left)
  }
}
