/** Reads server-sent events as a browser's client does. */
import type { Readable } from 'node:stream'

export interface ReadEvent {
  readonly name: string
  readonly id: string
  readonly data: Readonly<Record<string, unknown>>
}

export interface EventReader {
  /** The next event; rejects when the stream ends before. */
  next(): Promise<ReadEvent>
  /** All that follow, up to the end. */
  rest(): Promise<ReadEvent[]>
  /** The id told last, also one without an event. */
  lastId(): Promise<string>
  close(): void
}

export function readEvents(body: Readable | AsyncIterable<Uint8Array>): EventReader {
  let id = ''
  let tellFirst: (id: string) => void = () => undefined
  const first = new Promise<string>((resolve) => (tellFirst = resolve))
  const iterator = blocksOf(body)
  async function read(): Promise<ReadEvent | undefined> {
    for (;;) {
      const block = await iterator.next()
      if (block.done === true) return undefined
      const fields = fieldsOf(block.value)
      id = fields.get('id') ?? id
      const data = fields.get('data')
      if (data !== undefined)
        return { name: fields.get('event') ?? 'message', id, data: JSON.parse(data) as ReadEvent['data'] }
      if (fields.has('retry')) tellFirst(id)
    }
  }
  return {
    async next() {
      const event = await read()
      if (!event) throw new Error('the stream has ended')
      return event
    },
    async rest() {
      const events: ReadEvent[] = []
      for (let event = await read(); event; event = await read()) events.push(event)
      return events
    },
    lastId() {
      void read().catch(() => undefined)
      return first
    },
    close() {
      if ('destroy' in body) body.destroy()
    },
  }
}

async function* blocksOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true })
    const blocks = text.split('\n\n')
    text = blocks.pop() ?? ''
    yield* blocks
  }
}

function fieldsOf(block: string): Map<string, string> {
  const lines = block.split('\n').filter((line) => !line.startsWith(':'))
  return new Map(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]))
}
