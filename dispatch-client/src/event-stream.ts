/** Server-sent events out of a body's bytes (HTML standard, section 9.2.6), read no faster than they are asked for. */
import { DispatchError } from './errors.js'

/** What stands between two empty lines. */
export interface EventBlock {
  /** `message` where it has none. */
  readonly name: string
  /** Null when it only sets an id. */
  readonly data: string | null
  /** The last id given, in this block or before; null = none yet. */
  readonly id: string | null
}

/** Gives the next bytes, and undefined at the end. */
export type ReadChunk = () => Promise<Uint8Array | undefined>

/** An event of Dispatch has some 300 characters: what is so much longer comes from something else. */
const MAX_BLOCK_LENGTH = 65_536

/** Ends with the stream. Rejects as `readChunk` does, and with a `DispatchError` when a block has more than 65,536 characters. */
export async function* readBlocks(readChunk: ReadChunk): AsyncGenerator<EventBlock, void, undefined> {
  let [name, data, length] = ['', [] as string[], 0]
  let id: string | null = null
  for await (const line of readLines(readChunk)) {
    length += line.length
    if (length > MAX_BLOCK_LENGTH) throw tooLong()
    if (line === '') {
      yield { name: name || 'message', data: data.length === 0 ? null : data.join('\n'), id }
      ;[name, data, length] = ['', [], 0]
      continue
    }
    // A comment, such as the heartbeat, has the empty field.
    const [, field, value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? []
    if (field === 'event') name = value
    else if (field === 'data') data.push(value)
    else if (field === 'id' && !value.includes('\0')) id = value
  }
}

async function* readLines(readChunk: ReadChunk): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder()
  let rest = ''
  for (let chunk = await readChunk(); chunk !== undefined; chunk = await readChunk()) {
    // A carriage return at the end may be half of a line's end.
    const lines = (rest + decoder.decode(chunk, { stream: true })).split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop() ?? ''
    if (rest.length > MAX_BLOCK_LENGTH) throw tooLong()
    yield* lines
  }
}

function tooLong(): DispatchError {
  const what = `an event of more than ${MAX_BLOCK_LENGTH} characters`
  return new DispatchError(`Something else than Dispatch answered (${what}); check url, and what stands in front of it`)
}
