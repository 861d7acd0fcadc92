import { expect, test } from 'vitest'
import { readBlocks, type EventBlock } from './event-stream.js'

async function read(...chunks: readonly (string | Uint8Array)[]): Promise<EventBlock[]> {
  const bytes = chunks.map((chunk) => (typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk))
  const blocks: EventBlock[] = []
  for await (const block of readBlocks(() => Promise.resolve(bytes.shift()))) blocks.push(block)
  return blocks
}

test('names, data, ids that last, comments, and a block that only sets an id', async () => {
  const text = 'retry: 2000\nid: 1\n\nid: 7\nevent: job\ndata: {"a":1}\n\n: heartbeat\n\ndata: one\ndata:two\n\n'
  const empty = { name: 'message', data: null }
  expect(await read(text)).toEqual([
    { ...empty, id: '1' },
    { name: 'job', data: '{"a":1}', id: '7' },
    { ...empty, id: '7' },
    { name: 'message', data: 'one\ntwo', id: '7' },
  ])
})

test.each(['\n', '\r\n', '\r'])('lines that end with %j, cut anywhere', async (end) => {
  const bytes = new TextEncoder().encode(['event: job', 'data: ä😀', '', ''].join(end) + ' ')
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const blocks = await read(bytes.slice(0, cut), bytes.slice(cut))
    expect(blocks).toEqual([{ name: 'job', data: 'ä😀', id: null }])
  }
})

test('what the stream cut off is no event', async () => {
  expect(await read('event: job\ndata: cut off\n')).toEqual([])
})

test.each([
  ['one line', ['data: ', ...Array<string>(20).fill('x'.repeat(100_000))]],
  ['many lines', Array<string>(20).fill(`data: ${'x'.repeat(100_000)}\n`)],
])('a block that never ends is refused before it fills the memory: %s', async (_what, chunks) => {
  await expect(read(...chunks)).rejects.toThrow(/event of more than 65536 characters.*check url/)
})
