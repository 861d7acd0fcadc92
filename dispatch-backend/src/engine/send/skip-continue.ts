/**
 * Some servers send `100 Continue` although nobody asked for it. Clients have to put up with that (RFC 9110 §15.2), but
 * undici breaks the connection off, which would turn a delivery into a failure. So such answers are taken out of what
 * undici reads from the socket; all other interim answers it ignores by itself.
 */
import type { Socket } from 'node:net'

export interface ContinueFilter {
  /** A request is about to be written: the next bytes are the start of an answer. `onSkipped` runs for each 100. */
  expectAnswer(onSkipped: () => void): void
}

const STATUS_LINE = /^HTTP\/1\.[01] 100[ \r]/
const STATUS_LINE_BYTES = 'HTTP/1.1 100 '.length
/** A longer head is none of a 100; undici then sees it as it is. */
const MAX_HEAD_BYTES = 16_384

/** undici calls `socket.read()`, and stops at null until there is more. */
export function filterContinue(socket: Socket): ContinueFilter {
  const read = socket.read.bind(socket) as (size?: number) => Buffer | null
  let held: Buffer = Buffer.alloc(0)
  let onSkipped: (() => void) | undefined

  function withoutContinue(bytes: Buffer): Buffer | null {
    let rest = bytes
    while (mayBeContinue(rest)) {
      const headEnd = rest.indexOf('\r\n\r\n')
      if (headEnd < 0) {
        if (rest.length > MAX_HEAD_BYTES) break
        held = rest
        return null
      }
      onSkipped?.()
      rest = rest.subarray(headEnd + 4)
    }
    held = Buffer.alloc(0)
    // A 100 may be all there is so far: the start of the answer is still to come.
    if (rest.length === 0) return null
    onSkipped = undefined
    return rest
  }

  socket.read = (size?: number): Buffer | null => {
    const chunk = read(size)
    if (!onSkipped || chunk === null) return chunk
    return withoutContinue(held.length > 0 ? Buffer.concat([held, chunk]) : chunk)
  }
  return {
    expectAnswer(callback) {
      onSkipped = callback
      held = Buffer.alloc(0)
    },
  }
}

/** The bytes are, or may still become, a 100. */
function mayBeContinue(bytes: Buffer): boolean {
  if (bytes.length === 0) return false
  if (bytes.length >= STATUS_LINE_BYTES) return STATUS_LINE.test(bytes.toString('latin1', 0, STATUS_LINE_BYTES))
  const start = bytes.toString('latin1')
  return 'HTTP/1.1 100 '.startsWith(start) || 'HTTP/1.0 100 '.startsWith(start) || 'HTTP/1.1 100\r'.startsWith(start)
}
