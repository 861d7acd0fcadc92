/** The API on a real database, called without a socket. */
import { randomBytes } from 'node:crypto'
import { jobPage } from 'dispatch-contract'
import type { Readable } from 'node:stream'
import type { FastifyInstance, LightMyRequestResponse } from 'fastify'
import { type Clock, formatInstant, systemClock } from '../../clock.js'
import { createAddressGuard } from '../../delivery/address-guard.js'
import { createSealer } from '../../domain/secrets.js'
import { newId } from '../../domain/id.js'
import { Events } from '../../events.js'
import { EventStreams } from '../../live/event-streams.js'
import { LiveEvents } from '../../live/live-events.js'
import { migrate } from '../../store/migrate.js'
import { openStore } from '../../store/open.js'
import type { DueJob, Store } from '../../store/store.js'
import type { TestDatabase } from '../../testing/databases.js'
import { type AppDeps, createApp } from '../app.js'

/** With it the API under test seals signing secrets. */
export const TEST_ENCRYPTION_KEY = Buffer.alloc(32, 1)

export interface TestApi {
  readonly app: FastifyInstance
  readonly store: Store
  readonly events: Events
  /** Jobs that the engine was told of. */
  readonly woken: DueJob[]
  readonly clock: SteppedClock
  call(call: Call): Promise<Answer>
  /** A fresh account (the first one owns the instance) with its session token. */
  signUp(): Promise<Account>
  /** A fresh project of the account with an API key. */
  project(account: Account): Promise<TestProject>
  /** A job of the project, due in an hour unless said otherwise. */
  job(project: TestProject, body?: object): Promise<string>
  close(): Promise<void>
}

/** The system's clock, which a test can set forward, or hold so that nothing but this moves it. */
export interface SteppedClock extends Clock {
  advance(ms: number): void
  hold(): void
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'PATCH' | 'HEAD' | 'OPTIONS'
  /** Under `/api/v1` unless it starts with `//`. */
  readonly path: string
  readonly token?: string
  readonly key?: string
  /** Text and bytes are sent as they are, everything else as JSON. */
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly from?: string
  /** False: only the beginning of the answer is read, and the connection closed. */
  readonly endsByItself?: boolean
}

export interface Answer {
  readonly status: number
  readonly headers: LightMyRequestResponse['headers']
  readonly text: string
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- parsed JSON; each test asserts what it reads
  readonly json: any
}

export interface Account {
  readonly email: string
  readonly password: string
  readonly token: string
  readonly userId: string
}

export interface TestProject {
  readonly id: string
  readonly key: string
  readonly keyId: string
}

export const PASSWORD = 'correct horse battery'
const HOUR_MS = 3_600_000

export async function openTestApi(database: TestDatabase, settings: Partial<AppDeps> = {}): Promise<TestApi> {
  const { config, drop } = await database.create()
  const clock = steppedClock()
  const events = new Events()
  const woken: DueJob[] = []
  await migrate(config, { clock })
  const store = await openStore(config, { clock, events })
  const streams = settings.streams ?? new EventStreams({ store, clock, events, newId })
  const live = new LiveEvents({ store, clock, events, streams, redis: null, replicaId: newId() })
  const app = await createApp({ ...standardDeps(store, clock, events, woken), streams, ...settings })
  await app.ready()
  const call = (request: Call): Promise<Answer> => inject(app, request)
  return {
    ...{ app, store, events, woken, clock, call },
    signUp: () => signUp(call),
    project: (account) => makeProject(call, account),
    job: (project, body) => makeJob(call, clock, project, body),
    async close() {
      await live.stop()
      await app.close()
      await store.close()
      await drop()
    },
  }
}

/** Enables the project's echo and sends it a request, whose id is answered. */
export async function echoed(api: TestApi, { token }: Account, { id }: TestProject): Promise<string> {
  const path = `/projects/${id}/echo`
  const { json } = await api.call({ method: 'PUT', path, token, body: { enabled: true } })
  await api.call({ method: 'POST', path: `/${new URL(String(json.data.url)).pathname}`, body: { a: 1 } })
  const requests = await api.call({ path: `${path}/requests`, token })
  return String(requests.json.data[0].id)
}

/** The id of what the answer holds. */
export function idOf(answer: Answer): string {
  return String(answer.json.data.id)
}

/** The ids of the jobs that the answer lists. */
export function jobIds(answer: Answer): string[] {
  return jobPage.parse(answer.json.data).jobs.map((job) => job.id)
}

/** ISO time so many milliseconds from now. */
export function later(api: TestApi, ms = HOUR_MS): string {
  return formatInstant(api.clock.wallMs() + ms)
}

function standardDeps(store: Store, clock: Clock, events: Events, woken: DueJob[]): AppDeps {
  return {
    ...{ store, clock, events },
    sealer: createSealer(TEST_ENCRYPTION_KEY),
    userAgent: 'Dispatch/test',
    addressGuard: createAddressGuard(false),
    publicUrl: () => 'https://dispatch.example.com',
    wake: (job) => woken.push(job),
    isReady: () => ({ ready: true }),
    sessions: { secret: 'a secret for tests only', algorithm: 'HS256', lifetimeSeconds: 86_400 },
    limits: { maxBodyBytes: 1024 * 1024, perMinutePerKey: 0, perMinutePerAddress: 0, authPer15Minutes: 0 },
    maxConnections: 0,
    corsOrigins: ['https://dispatch.example.com'],
    development: false,
    trustProxy: false,
  }
}

function steppedClock(): SteppedClock {
  let aheadMs = 0
  let held: { readonly wallMs: number; readonly monotonicMs: number } | undefined
  return {
    ...systemClock,
    wallMs: () => (held?.wallMs ?? systemClock.wallMs()) + aheadMs,
    monotonicMs: () => (held?.monotonicMs ?? systemClock.monotonicMs()) + aheadMs,
    advance(ms) {
      aheadMs += ms
    },
    hold() {
      held = { wallMs: systemClock.wallMs(), monotonicMs: systemClock.monotonicMs() }
    },
  }
}

async function inject(app: FastifyInstance, request: Call): Promise<Answer> {
  const { method = 'GET', path, token, key, body, headers, from, endsByItself = true } = request
  const isRaw = typeof body === 'string' || Buffer.isBuffer(body)
  const response = await app.inject({
    payloadAsStream: !endsByItself,
    method,
    url: path.startsWith('//') ? path.slice(1) : `/api/v1${path}`,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(key === undefined ? {} : { 'x-api-key': key }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { payload: isRaw ? body : JSON.stringify(body) }),
    ...(from === undefined ? {} : { remoteAddress: from }),
  })
  const text = endsByItself ? response.body : await firstChunk(response.stream())
  const isJson = String(response.headers['content-type']).startsWith('application/json')
  // An answer to HEAD has the type but no body.
  const json: unknown = isJson && text !== '' ? JSON.parse(text) : undefined
  return { status: response.statusCode, headers: response.headers, text, json }
}

async function firstChunk(stream: Readable): Promise<string> {
  for await (const chunk of stream) return String(chunk)
  return ''
}

async function signUp(call: TestApi['call']): Promise<Account> {
  const email = `${randomBytes(8).toString('hex')}@example.com`
  const answer = await call({ method: 'POST', path: '/auth/register', body: { email, password: PASSWORD } })
  if (answer.status !== 201) throw new Error(answer.text)
  const { token, user } = answer.json.data
  return { email, password: PASSWORD, token, userId: user.id }
}

async function makeProject(call: TestApi['call'], { token }: Account): Promise<TestProject> {
  const project = await call({ method: 'POST', path: '/projects', token, body: { name: 'production' } })
  if (project.status !== 201) throw new Error(project.text)
  const path = `/projects/${project.json.data.id}/api-keys`
  const key = await call({ method: 'POST', path, token, body: { label: 'CI' } })
  if (key.status !== 201) throw new Error(key.text)
  return { id: project.json.data.id, key: key.json.data.key, keyId: key.json.data.id }
}

async function makeJob(call: TestApi['call'], clock: Clock, { key }: TestProject, body = {}): Promise<string> {
  const standard = {
    title: 'A job',
    webhookUrl: 'https://example.com/hook',
    fireAt: formatInstant(clock.wallMs() + HOUR_MS),
  }
  const answer = await call({ method: 'POST', path: '/jobs', key, body: { ...standard, ...body } })
  if (answer.status !== 201) throw new Error(answer.text)
  return idOf(answer)
}
