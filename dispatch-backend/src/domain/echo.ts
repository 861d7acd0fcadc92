/**
 * The projects' echoes: told what to answer, found by their token, and asked what came. The token is all that opens one, so
 * it is stored as a hash, and encrypted for those who may see it.
 */
import { createHash, randomBytes } from 'node:crypto'
import { ECHO_REQUESTS_KEPT, type UpdateEchoBody } from 'dispatch-contract'
import type { Clock } from '../clock.js'
import { ECHO_TOKEN } from '../delivery/own-echo.js'
import type { Events } from '../events.js'
import {
  type Echo,
  type EchoRequest,
  type EchoRequestItem,
  type EchoStore,
  type EchoToken,
  STANDARD_ANSWER,
} from '../store/echo-store.js'
import type { Project, ProjectStore } from '../store/store.js'
import type { EchoDetail, EchoIntake, EchoSummary } from './echo-intake.js'
import type { CheckingSecret } from './echo-signature.js'
import { newIdAt, notFound, requireId } from './id.js'
import { MANAGING_ROLES } from './project.js'
import type { Sealer } from './secrets.js'

/** More than are ever in force, unless somebody rotates for a joke: each costs two hashes of every body. */
const MAX_SECRETS = 8

export interface EchoesDeps {
  readonly store: EchoStore & Pick<ProjectStore, 'listSigningSecrets'>
  readonly clock: Clock
  readonly events: Events
  readonly sealer: Sealer
}

export interface ShownEcho {
  readonly isEnabled: boolean
  /** null = it was never enabled. */
  readonly token: string | null
  readonly answer: Echo['answer']
}

export interface KeptRequest extends EchoSummary {
  readonly id: string
  readonly receivedAtMs: number
}

export type WholeRequest = KeptRequest & EchoDetail

export class Echoes {
  readonly #deps: EchoesDeps

  constructor(deps: EchoesDeps) {
    this.#deps = deps
  }

  /** Before it is enabled for the first time: what it would be. */
  async show(projectId: string): Promise<ShownEcho> {
    const echo = await this.#deps.store.getEcho(projectId)
    return echo ? this.#shown(echo) : { isEnabled: false, token: null, answer: STANDARD_ANSWER }
  }

  /** What is left out stays as it is. */
  async update(projectId: string, { enabled, ...answer }: UpdateEchoBody): Promise<ShownEcho> {
    const { store, clock } = this.#deps
    const nowMs = clock.wallMs()
    const echo = await store.saveEcho({ projectId, token: this.#newToken(), isEnabled: enabled, answer, nowMs })
    this.#announce(projectId)
    return this.#shown(echo)
  }

  /** Another token: the address before answers 404 from here on. Throws `NOT_FOUND` when it was never enabled. */
  async rotate(projectId: string): Promise<ShownEcho> {
    const { store, clock } = this.#deps
    const echo = await store.rotateEcho({ projectId, token: this.#newToken(), nowMs: clock.wallMs() })
    if (!echo) throw notFound('Echo')
    this.#announce(projectId)
    return this.#shown(echo)
  }

  /** The enabled echo of that token. */
  async find(token: string): Promise<Echo | null> {
    return ECHO_TOKEN.test(token) ? this.#deps.store.findEcho(hashOf(token)) : null
  }

  /** The project's secrets in force, to check signatures with; none when they were encrypted under another key. */
  async secretsOf({ projectId }: Echo): Promise<CheckingSecret[]> {
    const { store, clock, sealer } = this.#deps
    const sealed = await store.listSigningSecrets({ projectId, nowMs: clock.wallMs() })
    try {
      return sealed
        .slice(0, MAX_SECRETS)
        .map((one) => ({ secret: sealer.open(one.sealed), expiresAtMs: one.expiresAtMs }))
    } catch {
      return []
    }
  }

  /** Keeps a request that has arrived. False when the echo has been switched off or got another token meanwhile. */
  async keep({ projectId, tokenHash }: Echo, request: ReturnType<EchoIntake['finish']>): Promise<boolean> {
    const { store, clock, events } = this.#deps
    const receivedAtMs = clock.wallMs()
    const id = newIdAt(receivedAtMs)
    const summary = JSON.stringify(request.summary)
    const detail = JSON.stringify(request.detail)
    const keep = ECHO_REQUESTS_KEPT
    const isKept = await store.addEchoRequest({ id, projectId, tokenHash, receivedAtMs, summary, detail, keep })
    if (isKept) events.emit('echoChanged', { projectId, requestId: id })
    return isKept
  }

  /** Newest first. */
  async requests(projectId: string): Promise<KeptRequest[]> {
    return (await this.#deps.store.listEchoRequests(projectId)).map(readItem)
  }

  /** Signatures, which prove the sender, are shown to who may see the signing secret. Throws `NOT_FOUND`. */
  async request({ id: projectId, role }: Project, requestId: string): Promise<WholeRequest> {
    const id = requireId(requestId, 'Request')
    const found = await this.#deps.store.getEchoRequest({ projectId, id })
    if (!found) throw notFound('Request')
    const whole = readWhole(found)
    return MANAGING_ROLES.includes(role) ? whole : { ...whole, headers: whole.headers.map(withoutProof) }
  }

  async clear(projectId: string): Promise<void> {
    await this.#deps.store.clearEchoRequests(projectId)
    this.#announce(projectId)
  }

  #announce(projectId: string): void {
    this.#deps.events.emit('echoChanged', { projectId })
  }

  #shown({ isEnabled, sealedToken, answer }: Echo): ShownEcho {
    return { isEnabled, token: this.#deps.sealer.open(sealedToken), answer }
  }

  #newToken(): EchoToken {
    const token = randomBytes(TOKEN_BYTES).toString('base64url')
    return { tokenHash: hashOf(token), sealedToken: this.#deps.sealer.seal(token) }
  }
}

const TOKEN_BYTES = 32

/** Random, so a plain hash will do: there is nothing to guess. */
function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

function readItem({ id, receivedAtMs, summary }: EchoRequestItem): KeptRequest {
  return { id, receivedAtMs, ...(JSON.parse(summary) as EchoSummary) }
}

function readWhole(request: EchoRequest): WholeRequest {
  return { ...readItem(request), ...(JSON.parse(request.detail) as EchoDetail) }
}

const PROOFS = new Set(['webhook-signature', 'x-dispatch-signature'])

function withoutProof({ name, value }: { readonly name: string; readonly value: string }) {
  return { name, value: PROOFS.has(name) ? '(hidden: for owners, managers and admins)' : value }
}
