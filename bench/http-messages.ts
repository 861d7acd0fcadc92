/**
 * As much of HTTP/1.1 as the load needs: messages with a Content-Length, one after another on a connection. Node's own client and
 * server would cost as much as what is measured, and on a machine of two cores take it away from there.
 */

export interface HttpMessage {
  /** Start line and header lines. */
  readonly head: string
  readonly body: Buffer
}

const HEAD_END = Buffer.from('\r\n\r\n')

/** Cuts a byte stream into messages; `onMessage` is called for each that is whole. Throws on one without a Content-Length. */
export class HttpMessages {
  readonly #onMessage: (message: HttpMessage) => void
  #rest: Buffer = Buffer.alloc(0)

  constructor(onMessage: (message: HttpMessage) => void) {
    this.#onMessage = onMessage
  }

  feed(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    for (let message = this.#next(); message; message = this.#next()) this.#onMessage(message)
  }

  #next(): HttpMessage | undefined {
    const headEnd = this.#rest.indexOf(HEAD_END)
    if (headEnd < 0) return undefined
    const head = this.#rest.toString('latin1', 0, headEnd)
    const length = headerOf(head, 'content-length')
    if (length === undefined) throw new Error(`a message without a Content-Length: ${head}`)
    const start = headEnd + HEAD_END.length
    const end = start + Number(length)
    if (this.#rest.length < end) return undefined
    const body = this.#rest.subarray(start, end)
    this.#rest = this.#rest.subarray(end)
    return { head, body }
  }
}

/** The value of a header; `name` in lower case. */
export function headerOf(head: string, name: string): string | undefined {
  const at = head.toLowerCase().indexOf(`\r\n${name}:`)
  if (at < 0) return undefined
  const start = at + name.length + 3
  const end = head.indexOf('\r\n', start)
  return head.slice(start, end < 0 ? undefined : end).trim()
}
