/** What `items` gives, for several readers one after the other: each item is made once, when the first of them asks for it. */
export function remembered<Item>(items: AsyncIterator<Item, void>): AsyncIterable<Item> {
  const made: Item[] = []
  return {
    async *[Symbol.asyncIterator]() {
      for (let at = 0; ; at += 1) {
        if (at === made.length) {
          const next = await items.next()
          if (next.done === true) return
          made.push(next.value)
        }
        yield made[at]!
      }
    },
  }
}
