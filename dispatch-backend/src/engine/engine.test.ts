import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Webhook } from 'standardwebhooks'
import { systemClock } from '../clock.js'
import { createAddressGuard } from '../delivery/address-guard.js'
import { generateSigningSecret } from '../delivery/signature.js'
import { Events, type DispatchEvents, type EventName } from '../events.js'
import { openStore } from '../store/open.js'
import { migrate } from '../store/migrate.js'
import type { DatabaseConfig } from '../store/database-config.js'
import type { JobDetails, NewJob, Store } from '../store/store.js'
import { seedProject } from '../store/conformance/seeds.js'
import { keyScope, newId, newJob, type Project } from '../store/conformance/subject.js'
import { databases } from '../testing/databases.js'
import { startReceiver, type Receiver } from '../testing/receiver.js'
import { Engine, type EngineSettings } from './engine.js'
import { createSender, type Sender } from './send.js'

const clock = systemClock

const SETTINGS: EngineSettings = {
  // However slow the machine is: a timeout would be another attempt.
  deliveryTimeoutMs: 600_000,
  maxAttempts: 3,
  retryDelaysMs: [40, 80],
  maxConcurrency: 64,
  maxConcurrencyPerEndpoint: 16,
  catchUpRate: 0,
  userAgent: 'Dispatch-test',
}

/** Resolves with the first event of the name that `matches`. */
function nextEvent<Name extends EventName>(
  events: Events,
  name: Name,
  matches: (event: DispatchEvents[Name]) => boolean = () => true,
): Promise<DispatchEvents[Name]> {
  return new Promise((resolve) => events.on(name, (event) => matches(event) && resolve(event)))
}

describe.each(databases)('the engine on $name', (database) => {
  let config: DatabaseConfig
  let drop: () => Promise<void>
  let store: Store
  let project: Project
  let receiver: Receiver
  let sender: Sender
  let engines: Engine[]
  let unexpected: unknown[]
  const secret = generateSigningSecret()

  beforeEach(async () => {
    ;({ config, drop } = await database.create())
    await migrate(config, { clock })
    store = await openStore(config, { clock })
    project = await seedProject(store)
    receiver = await startReceiver()
    sender = createSender({ clock, guard: createAddressGuard(true) })
    engines = []
    unexpected = []
  })

  afterEach(async () => {
    await Promise.all(engines.map((engine) => engine.stop(50)))
    await sender.close()
    await receiver.close()
    await store.close()
    await drop()
    expect(unexpected).toEqual([])
  })

  function makeEngine(settings: Partial<EngineSettings> = {}): { engine: Engine; events: Events } {
    const events = new Events()
    events.on('unexpected', (event) => unexpected.push(event))
    const engine = new Engine({
      store,
      clock,
      events,
      sender,
      openSecret: () => secret,
      newId,
      random: Math.random,
      settings: { ...SETTINGS, ...settings },
    })
    engines.push(engine)
    return { engine, events }
  }

  async function schedule(inMs: number, overrides: Partial<NewJob> = {}, engine?: Engine): Promise<NewJob> {
    const nowMs = clock.wallMs()
    const url = `${receiver.url}/hook`
    const job = newJob(project, {
      webhookUrl: url,
      endpoint: receiver.url,
      fireAtMs: nowMs + inMs,
      nowMs,
      ...overrides,
    })
    expect(await store.createJobs([job])).toMatchObject([{ outcome: 'created' }])
    engine?.wake({
      id: job.id,
      projectId: job.projectId,
      endpoint: job.endpoint,
      dueAtMs: job.fireAtMs,
      payloadBytes: 2,
    })
    return job
  }

  async function look(id: string): Promise<JobDetails> {
    return (await store.getJob(keyScope(project), id))!
  }

  /** A machine that stalls may send it before it is cancelled: then another one, with more time. */
  async function cancelledWhileArmed(engine: Engine): Promise<NewJob> {
    for (let leadMs = 1_000; ; leadMs *= 2) {
      const job = await schedule(leadMs, {}, engine)
      const request = { id: job.id, scope: keyScope(project), retrying: false, nowMs: clock.wallMs() }
      if ((await store.cancelJobs([request]))[0] === 'cancelled') return job
    }
  }

  it('delivers at the due time, signed, exactly as documented', async () => {
    const { engine, events } = makeEngine()
    await engine.start()
    const delivered = nextEvent(events, 'delivered')
    const job = await schedule(300, { title: 'Grüße "☂"', payload: '{"b":1.0, "a":12345678901234567890}' }, engine)
    const [request] = await receiver.waitFor(1)
    await delivered

    expect(request!.receivedAtMs).toBeGreaterThanOrEqual(job.fireAtMs)
    expect(request!.method).toBe('POST')
    const body = request!.rawBody.toString()
    const { firedAt } = JSON.parse(body)
    expect(body).toBe(
      `{"jobId":"${job.id}","title":"Grüße \\"☂\\"","payload":{"b":1.0, "a":12345678901234567890},"firedAt":"${firedAt}"}`,
    )
    expect(request!.headers).toMatchObject({
      'content-type': 'application/json',
      'accept-encoding': 'identity',
      'user-agent': 'Dispatch-test',
      'webhook-id': job.id,
      'x-dispatch-attempt': '1',
      'x-dispatch-scheduled-for': new Date(job.fireAtMs).toISOString(),
    })
    const headers = request!.headers as Record<string, string>
    expect(new Webhook(secret).verify(body, headers)).toMatchObject({ jobId: job.id })
    const after = await look(job.id)
    expect(after).toMatchObject({
      status: 'SUCCESS',
      attempt: 1,
      retryCount: 0,
      nextAttemptAtMs: null,
      fireAtMs: job.fireAtMs,
    })
    expect(after.attempts).toMatchObject([{ attempt: 1, status: 'SUCCESS', responseCode: 200, error: null }])
    expect(new Date(after.attempts[0]!.firedAtMs).toISOString()).toBe(firedAt)
    expect(after.attempts[0]!.firedAtMs).toBeGreaterThanOrEqual(job.fireAtMs)
  })

  it('retries after each pause and gives up at the third failure', async () => {
    receiver.respond({ status: 500, body: 'no luck' })
    const { engine, events } = makeEngine()
    await engine.start()
    const dead = nextEvent(events, 'delivered', ({ outcome }) => outcome === 'dead')
    const job = await schedule(10, {}, engine)
    await dead

    const after = await look(job.id)
    expect(after).toMatchObject({
      status: 'DEAD',
      attempt: 3,
      retryCount: 2,
      nextAttemptAtMs: null,
      fireAtMs: job.fireAtMs,
    })
    expect(after.attempts.map(({ attempt, responseBody }) => [attempt, responseBody])).toEqual([
      [3, 'no luck'],
      [2, 'no luck'],
      [1, 'no luck'],
    ])
    const [third, second, first] = after.attempts
    expect(second!.scheduledForMs - first!.firedAtMs).toBeGreaterThanOrEqual(40)
    expect(third!.scheduledForMs - second!.firedAtMs).toBeGreaterThanOrEqual(80)
    expect(receiver.requests.map(({ headers }) => headers['x-dispatch-attempt'])).toEqual(['1', '2', '3'])
    expect(new Set(receiver.requests.map(({ headers }) => headers['webhook-id'])).size).toBe(1)
  })

  it('does not send what was cancelled after it was armed', async () => {
    const { engine, events } = makeEngine()
    const delivered = new Set<string>()
    events.on('delivered', ({ jobId }) => delivered.add(jobId))
    await engine.start()
    const cancelled = await cancelledWhileArmed(engine)
    const { id } = await schedule(cancelled.fireAtMs - clock.wallMs() + 100, {}, engine)
    await expect.poll(() => delivered).toContain(id)
    expect(receiver.requests.map(({ headers }) => headers['webhook-id'])).not.toContain(cancelled.id)
    expect(await look(cancelled.id)).toMatchObject({ status: 'CANCELLED', attempt: 0, attempts: [] })
  })

  it('catches up at its start with what fell due before, and finds what nobody woke it for', async () => {
    const overdue = await schedule(-60_000)
    const soon = await schedule(500)
    const { engine } = makeEngine()
    await engine.start()
    const requests = await receiver.waitFor(2)
    // A start that takes longer than half a second finds both overdue, and which comes first is nobody's promise.
    expect(new Set(requests.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([overdue.id, soon.id]))
  })

  it('catches up at its start with nothing that is not due yet', async () => {
    const later = await schedule(3_600_000)
    const overdue = await schedule(-60_000)
    const { engine, events } = makeEngine()
    const delivered = nextEvent(events, 'delivered')
    await engine.start()
    expect(await delivered).toMatchObject({ jobId: overdue.id, outcome: 'delivered' })
    expect(receiver.requests.map(({ headers }) => headers['webhook-id'])).toEqual([overdue.id])
    expect(await look(later.id)).toMatchObject({ status: 'SCHEDULED', attempt: 0, attempts: [] })
  })

  it('keeps other endpoints going while one hangs', async () => {
    const hanging = await startReceiver({ respond: { hang: true } })
    const { engine } = makeEngine({ maxConcurrency: 8, maxConcurrencyPerEndpoint: 4 })
    await engine.start()
    const stuck = { webhookUrl: `${hanging.url}/x`, endpoint: hanging.url }
    for (let n = 0; n < 12; n += 1) await schedule(1, stuck, engine)
    await hanging.waitFor(4)
    for (let n = 0; n < 20; n += 1) await schedule(1, {}, engine)
    await receiver.waitFor(20)
    // Nothing beyond its bulkhead was sent to the endpoint that hangs.
    expect(hanging.requests).toHaveLength(4)
    await hanging.close()
  })

  it('lets what is in flight finish when it stops, and hands back what it has not sent', async () => {
    let release = (): void => undefined
    const released = new Promise<void>((resolve) => (release = resolve))
    receiver.respond(() => released.then(() => ({ status: 200 })))
    const { engine } = makeEngine({ maxConcurrency: 1 })
    await engine.start()
    const first = await schedule(1, {}, engine)
    const second = await schedule(2, {}, engine)
    await receiver.waitFor(1)
    const stopped = engine.stop(60_000)
    release()
    await stopped
    expect(await look(first.id)).toMatchObject({ status: 'SUCCESS' })
    expect(await look(second.id)).toMatchObject({ status: 'SCHEDULED', attempt: 0, nextAttemptAtMs: second.fireAtMs })
    expect(receiver.requests).toHaveLength(1)
  })

  it('records as interrupted what has not finished by the deadline of a stop, and sends it again', async () => {
    receiver.respond({ hang: true })
    const { engine } = makeEngine()
    await engine.start()
    const job = await schedule(1, {}, engine)
    await receiver.waitFor(1)
    await engine.stop(50)
    const stopped = await look(job.id)
    expect(stopped).toMatchObject({ status: 'FAILED', attempt: 1, retryCount: 0 })
    expect(stopped.attempts).toMatchObject([{ status: 'INTERRUPTED', attempt: 1 }])

    receiver.respond({ status: 200 })
    const { engine: next, events } = makeEngine()
    const delivered = nextEvent(events, 'delivered')
    await next.start()
    await delivered
    expect(await look(job.id)).toMatchObject({ status: 'SUCCESS', attempt: 2, retryCount: 0 })
  })

  it('delivers a 2xx whose body is huge once, as a success', async () => {
    receiver.respond({ body: 'x'.repeat(1_000_000) })
    const { engine, events } = makeEngine()
    await engine.start()
    const delivered = nextEvent(events, 'delivered')
    const job = await schedule(1, {}, engine)
    await delivered
    const after = await look(job.id)
    expect(after.status).toBe('SUCCESS')
    expect(after.attempts).toMatchObject([{ responseTruncated: true, responseBody: 'x'.repeat(64 * 1024) }])
    expect(receiver.requests).toHaveLength(1)
  })

  it('drains a burst once each, on one replica or, where the database allows it, on three', async () => {
    const replicas = store.capabilities.singleEngine ? 1 : 3
    const jobs = Array.from({ length: 300 }, () =>
      newJob(project, {
        webhookUrl: `${receiver.url}/burst`,
        endpoint: receiver.url,
        payload: '{}',
        fireAtMs: clock.wallMs() + 1_500,
        nowMs: clock.wallMs(),
      }),
    )
    await store.createJobs(jobs)
    for (let n = 0; n < replicas; n += 1) await makeEngine().engine.start()
    await receiver.waitFor(300)
    await Promise.all(engines.map((engine) => engine.stop(60_000)))
    const received = receiver.requests.map(({ headers }) => headers['webhook-id'])
    expect(new Set(received).size).toBe(300)
    expect(received).toHaveLength(300)
    for (const { id } of jobs.slice(0, 20)) expect(await look(id)).toMatchObject({ status: 'SUCCESS', attempt: 1 })
  })
})
