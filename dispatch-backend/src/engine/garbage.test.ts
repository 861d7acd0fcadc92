import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../clock.js'
import { createAddressGuard } from '../delivery/address-guard.js'
import { generateSigningSecret } from '../delivery/signature.js'
import type { ClaimedJob } from '../store/store.js'
import { bytesGrownOld } from '../testing/old-generation.js'
import { type AttemptDeps, runAttempt } from './attempt.js'
import { momentOf } from './elapsed.js'
import { EngineClock } from './engine-clock.js'
import { createSender } from './send.js'

const closers: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

const OK = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n{"ok":true}'

/** Answers each chunk, and keeps nothing. */
async function startEndpoint(): Promise<string> {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    open.add(socket)
    socket.on('data', () => socket.write(OK))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(async () => {
    for (const socket of open) socket.destroy()
    server.close()
    await once(server, 'close')
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
}

function attemptDeps(): AttemptDeps {
  const clock = systemClock
  const sender = createSender({ clock, guard: createAddressGuard(true) })
  closers.push(() => sender.close())
  return {
    clock,
    engineClock: new EngineClock(clock, { sharesHostClock: true }),
    send: sender.send,
    prepare: sender.prepare,
    openSecret: (sealed) => sealed,
    newId: () => 'attempt',
    retryPolicy: { maxAttempts: 3, delaysMs: [1_000] },
    deliveryTimeoutMs: 10_000,
    userAgent: 'Dispatch',
    stopping: new AbortController().signal,
    deadline: new AbortController().signal,
  }
}

test('next to nothing of a delivery reaches the old generation', async () => {
  const webhookUrl = await startEndpoint()
  const deps = attemptDeps()
  const secrets = [generateSigningSecret()]
  const attempts = 4_000
  let delivered = 0
  const grown = await bytesGrownOld(attempts, async (index) => {
    const job: ClaimedJob = {
      id: `job-${index}`,
      projectId: 'project',
      title: 'A job',
      webhookUrl,
      endpoint: new URL(webhookUrl).origin,
      payload: '{"a":1}',
      dueAtMs: Date.now(),
      attempt: 1,
      retryCount: 0,
    }
    const claim = { id: `claim-${index}`, leaseMs: 60_000, issued: momentOf(deps.clock) }
    const end = await runAttempt(job, claim, secrets, deps)
    if (end.kind === 'record' && end.record.status === 'SUCCESS') delivered += 1
  })
  expect(delivered).toBe(1.25 * attempts)
  // Some 700; 1,250 with an `AbortController` for each, 1,800 with headers put together by spreading.
  expect(grown / attempts).toBeLessThan(1_000)
})
