import { expect, test } from 'vitest'
import { readEvents, type StreamedEvent } from './event-stream'

async function read(...chunks: readonly (string | Uint8Array)[]): Promise<(StreamedEvent | null)[]> {
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks)
        controller.enqueue(typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk)
      controller.close()
    },
  })
  const events: (StreamedEvent | null)[] = []
  for await (const event of readEvents(stream)) events.push(event)
  return events
}

test('events, their ids and heartbeats', async () => {
  const text = ': hello\nid: 7\nevent: job\ndata: {"a":1}\n\ndata: one\ndata:two\n\n:\n'
  expect(await read(text)).toEqual([
    null,
    { name: 'job', data: '{"a":1}', id: '7' },
    { name: 'message', data: 'one\ntwo', id: '7' },
    null,
  ])
})

test.each(['\n', '\r\n', '\r'])('lines that end with %j, cut anywhere', async (end) => {
  const text = ['event: job', 'data: ä😀', '', ''].join(end) + ' '
  const bytes = new TextEncoder().encode(text)
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    expect(await read(bytes.slice(0, cut), bytes.slice(cut))).toEqual([{ name: 'job', data: 'ä😀', id: null }])
  }
})

test('an event that the stream did not end is none', async () => {
  expect(await read('data: cut off\n')).toEqual([])
})
