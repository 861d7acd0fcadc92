import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { HttpMessages, type HttpMessage } from './http-messages.js'

export interface Answer {
  readonly status: number
  /** A copy: it may be kept. */
  readonly body: string
}

/** A kept connection that carries one POST after another. */
export class HttpConnection {
  readonly #socket: Socket
  #settle: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined

  private constructor(socket: Socket) {
    this.#socket = socket
    const messages = new HttpMessages((message) => this.#answered(message))
    socket.on('data', (chunk: Buffer) => messages.feed(chunk))
    socket.on('error', (error) => this.#settle?.reject(error))
    socket.on('close', () => this.#settle?.reject(new Error('the server closed the connection before it answered')))
  }

  static async open(host: string, port: number): Promise<HttpConnection> {
    const socket = connect({ host, port, noDelay: true })
    await once(socket, 'connect')
    return new HttpConnection(socket)
  }

  /** `head` is the request line and the headers but Content-Length, each with its line break. */
  post(head: string, body: string): Promise<Answer> {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) {
        reject(new Error('the connection is closed'))
        return
      }
      this.#settle = { resolve, reject }
      this.#socket.write(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
    })
  }

  close(): void {
    this.#settle = undefined
    this.#socket.destroy()
  }

  #answered({ head, body }: HttpMessage): void {
    const { resolve } = this.#settle!
    this.#settle = undefined
    resolve({ status: Number(head.slice(9, 12)), body: body.toString('utf8') })
  }
}
