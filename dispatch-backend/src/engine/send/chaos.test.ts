import type { Socket } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { systemClock } from '../../clock.js'
import { createAddressGuard } from '../../delivery/address-guard.js'
import { createSender, type SendResult } from '../send.js'
import { startRawServer } from './testing/raw-server.js'

const head = (extra = ''): string => `HTTP/1.1 200 OK\r\n${extra}content-length: 4\r\n\r\n`

/** What a peer may do with a request, and what the sender may then say. */
const BEHAVIOURS: Readonly<Record<string, { act: (socket: Socket) => void; allowed: readonly string[] }>> = {
  answer: { act: (socket) => socket.write(`${head()}fine`), allowed: ['whole'] },
  answerAndClose: { act: (socket) => socket.end(`${head('connection: close\r\n')}fine`), allowed: ['whole'] },
  answerAndVanish: { act: (socket) => socket.end(`${head()}fine`), allowed: ['whole'] },
  inPieces: {
    act: (socket) => socket.write(head(), () => setImmediate(() => socket.write('fi', () => socket.write('ne')))),
    allowed: ['whole'],
  },
  tooMuch: { act: (socket) => socket.write(`${head()}fine${head()}evil`), allowed: ['whole'] },
  halfABody: { act: (socket) => socket.end(`${head()}fi`), allowed: ['truncated'] },
  resetInBody: {
    act: (socket) => socket.write(`${head()}fi`, () => setImmediate(() => socket.resetAndDestroy())),
    // The reset may overtake what was written before it.
    allowed: ['truncated', 'reset'],
  },
  // On a busy machine even the status line may come after the short deadline that these two get.
  stall: { act: (socket) => socket.write(`${head()}fi`), allowed: ['truncated', 'timeout'] },
  silence: { act: () => undefined, allowed: ['timeout'] },
  close: { act: (socket) => socket.end(), allowed: ['reset'] },
  reset: { act: (socket) => socket.resetAndDestroy(), allowed: ['reset'] },
  garbage: { act: (socket) => socket.write('\0\0nonsense\r\n\r\n'), allowed: ['protocol'] },
}

function nameOf(result: SendResult): string {
  if (result.kind === 'unsent') return 'unsent'
  if (result.kind === 'error') return result.code
  return result.bodyTruncated ? 'truncated' : result.body === 'fine' ? 'whole' : 'wrong'
}

test('whatever peers do, each request gets the answer that is its own, and no socket is left', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...Object.keys(BEHAVIOURS)), { minLength: 20, maxLength: 60 }),
      fc.integer({ min: 1, max: 12 }),
      async (behaviours, concurrency) => {
        const server = await startRawServer((socket, connection) => {
          const all = server.received[connection]!.toString('latin1')
          const name = /^POST \/(\w+) /.exec(all.slice(all.lastIndexOf('POST /')))?.[1] ?? ''
          BEHAVIOURS[name]?.act(socket)
        })
        const sender = createSender({ clock: systemClock, guard: createAddressGuard(true) })
        const queue = behaviours.entries()
        async function worker(): Promise<void> {
          for (const [, behaviour] of queue) {
            const result = await sender.send({
              url: `${server.url}/${behaviour}`,
              headers: {},
              body: Buffer.from('{}'),
              timeoutMs: ['stall', 'silence'].includes(behaviour) ? 100 : 30_000,
              beforeFirstByte: () => true,
              signal: new AbortController().signal,
            })
            expect({ behaviour, result: nameOf(result) }).toEqual({
              behaviour,
              result: expect.toBeOneOf([...BEHAVIOURS[behaviour]!.allowed]) as string,
            })
          }
        }
        try {
          await Promise.all(Array.from({ length: concurrency }, worker))
          await sender.close()
          await server.until(() => server.openCount === 0)
        } finally {
          await sender.close()
          await server.close()
        }
      },
    ),
    { numRuns: 15 },
  )
})
