/** Server-sent events out of a response's bytes (HTML standard, section 9.2.6). */
export interface StreamedEvent {
  /** `message` where the stream names none. */
  readonly name: string
  readonly data: string
  /** The last id that the stream gave, at this event or before; null = none yet. */
  readonly id: string | null
}

/** Yields the events of the stream, and null for each comment: a heartbeat. Ends with the stream; rejects when it breaks. */
export async function* readEvents(stream: ReadableStream<Uint8Array>): AsyncGenerator<StreamedEvent | null, void> {
  let name = ''
  let data: string[] = []
  let id: string | null = null
  for await (const line of readLines(stream)) {
    if (line === '') {
      if (data.length > 0) yield { name: name || 'message', data: data.join('\n'), id }
      name = ''
      data = []
    } else if (line.startsWith(':')) yield null
    else {
      const [, field = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? []
      if (field === 'event') name = value
      else if (field === 'data') data.push(value)
      else if (field === 'id' && !value.includes('\0')) id = value
    }
  }
}

async function* readLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  const reader = stream.getReader()
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      rest += decoder.decode(value, { stream: true })
      // A carriage return at the end may be half of a line's end.
      const lines = rest.split(/\r\n|\n|\r(?!$)/)
      rest = lines.pop() ?? ''
      yield* lines
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}
