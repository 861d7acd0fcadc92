/** The projects' echoes and the requests they keep. */
import { expect, it } from 'vitest'
import type { EchoToken, NewEchoRequest } from '../echo-store.js'
import { timeOfId } from '../sql/id-time.js'
import { seedProject } from './seeds.js'
import { newId, T0, type StoreContext } from './subject.js'

const STANDARD = { status: 200, delayMs: 0, contentType: 'application/json', body: '{"received":true}' }

function newToken(): EchoToken {
  return { tokenHash: newId(), sealedToken: `sealed ${newId()}` }
}

function request(projectId: string, tokenHash: string, overrides: Partial<NewEchoRequest> = {}): NewEchoRequest {
  const texts = { summary: '{"method":"POST"}', detail: '{"body":"Grüße ☂"}' }
  return { id: newId(), projectId, tokenHash, receivedAtMs: T0, ...texts, keep: 50, ...overrides }
}

export function echoCases(context: () => StoreContext): void {
  it('is off until it is enabled, keeps its token, and changes only what is given', async () => {
    const { store, other, project } = context()
    const { projectId } = project
    const token = newToken()
    expect(await store.getEcho(projectId)).toBeNull()
    expect(await store.saveEcho({ projectId, token, answer: {}, nowMs: T0 })).toEqual({
      ...{ projectId, ...token, isEnabled: false },
      answer: STANDARD,
    })
    expect(await other.findEcho(token.tokenHash)).toBeNull()
    const on = await store.saveEcho({ projectId, token: newToken(), isEnabled: true, answer: {}, nowMs: T0 + 1 })
    expect(on).toEqual({ projectId, ...token, isEnabled: true, answer: STANDARD })
    const told = { status: 503, delayMs: 30_000, contentType: 'text/plain', body: '<b>"ä☂\n\'\\</b>' }
    const changed = await other.saveEcho({ projectId, token: newToken(), answer: told, nowMs: T0 + 2 })
    expect(changed).toEqual({ ...on, answer: told })
    const partly = { projectId, token: newToken(), answer: { delayMs: 0, body: '' }, nowMs: T0 + 3 }
    expect((await store.saveEcho(partly)).answer).toEqual({ ...told, delayMs: 0, body: '' })
    expect(await other.getEcho(projectId)).toEqual(await store.findEcho(token.tokenHash))
    await store.saveEcho({ projectId, token: newToken(), isEnabled: false, answer: {}, nowMs: T0 + 4 })
    expect(await other.findEcho(token.tokenHash)).toBeNull()
    expect(await other.getEcho(projectId)).toMatchObject({ ...token, isEnabled: false })
  })

  it('has one token when two enable it at once', async () => {
    const { store, other } = context()
    for (let round = 0; round < 5; round++) {
      const { projectId } = await seedProject(store)
      const enable = (each: typeof store) =>
        each.saveEcho({ projectId, token: newToken(), isEnabled: true, answer: {}, nowMs: T0 })
      const [one, two] = await Promise.all([enable(store), enable(other)])
      expect(one).toEqual(two)
      expect(await store.getEcho(projectId)).toEqual(one)
    }
  })

  it('opens by its newest token only', async () => {
    const { store, other, project } = context()
    const { projectId } = project
    const [first, second] = [newToken(), newToken()]
    expect(await store.rotateEcho({ projectId, token: second, nowMs: T0 })).toBeNull()
    await store.saveEcho({ projectId, token: first, isEnabled: true, answer: {}, nowMs: T0 })
    const rotated = await store.rotateEcho({ projectId, token: second, nowMs: T0 + 1 })
    expect(rotated).toMatchObject({ projectId, ...second, isEnabled: true })
    expect(await other.findEcho(first.tokenHash)).toBeNull()
    expect(await other.findEcho(second.tokenHash)).toEqual(rotated)
    expect(await store.addEchoRequest(request(projectId, first.tokenHash))).toBe(false)
    expect(await store.addEchoRequest(request(projectId, second.tokenHash))).toBe(true)
  })

  it('is gone with its project, requests and all', async () => {
    const { store, other, project } = context()
    const { projectId } = project
    const kept = await seedProject(store)
    const [token, keptToken] = [newToken(), newToken()]
    await store.saveEcho({ projectId, token, isEnabled: true, answer: {}, nowMs: T0 })
    await store.saveEcho({ projectId: kept.projectId, token: keptToken, isEnabled: true, answer: {}, nowMs: T0 })
    for (let n = 0; n < 3; n++) await store.addEchoRequest(request(projectId, token.tokenHash))
    const other1 = request(kept.projectId, keptToken.tokenHash)
    await store.addEchoRequest(other1)
    await store.markProjectDeleted({ id: projectId, nowMs: 1_000_000 })
    expect(await other.findEcho(token.tokenHash)).toBeNull()
    // The echo and one request; two requests; the API key and the secret; the project.
    let rows = 0
    for (let pass = 0; pass < 10; pass++) rows += await store.purgeDeleted({ limit: 2 })
    expect(rows).toBe(1 + 3 + 2 + 1)
    expect(await other.getEcho(projectId)).toBeNull()
    expect(await other.listEchoRequests(projectId)).toEqual([])
    expect(await store.addEchoRequest(request(projectId, token.tokenHash))).toBe(false)
    expect(await other.listEchoRequests(kept.projectId)).toMatchObject([{ id: other1.id }])
  })
}

export function echoRequestCases(context: () => StoreContext): void {
  const enable = async (): Promise<{ projectId: string; tokenHash: string }> => {
    const { store, project } = context()
    const token = newToken()
    await store.saveEcho({ projectId: project.projectId, token, isEnabled: true, answer: {}, nowMs: T0 })
    return { projectId: project.projectId, tokenHash: token.tokenHash }
  }

  it('are listed newest first and read whole, once each, within their project', async () => {
    const { store, other } = context()
    const { projectId, tokenHash } = await enable()
    const [first, second] = [request(projectId, tokenHash), request(projectId, tokenHash, { receivedAtMs: T0 + 5 })]
    for (const each of [first, second, first]) expect(await store.addEchoRequest(each)).toBe(true)
    const item = ({ id, receivedAtMs, summary }: NewEchoRequest) => ({ id, receivedAtMs, summary })
    expect(await other.listEchoRequests(projectId)).toEqual([item(second), item(first)])
    expect(await other.getEchoRequest({ projectId, id: first.id })).toEqual({ ...item(first), detail: first.detail })
    expect(await other.getEchoRequest({ projectId: newId(), id: first.id })).toBeNull()
    expect(await other.getEchoRequest({ projectId, id: newId() })).toBeNull()
    expect(await other.listEchoRequests(newId())).toEqual([])
    const { changes } = await other.readRecentChanges({ fromMs: timeOfId(first.id), limit: 10 })
    expect(changes.map(({ id, jobId }) => ({ id, jobId }))).toEqual([
      { id: second.id, jobId: null },
      { id: first.id, jobId: null },
    ])
  })

  it('are kept up to a number, the newest, however many come at once', async () => {
    const { store, other } = context()
    const { projectId, tokenHash } = await enable()
    const made = Array.from({ length: 12 }, () => request(projectId, tokenHash, { keep: 4 }))
    await Promise.all(made.map((each, index) => (index % 2 === 0 ? store : other).addEchoRequest(each)))
    expect(await store.listEchoRequests(projectId)).toHaveLength(4)
    const last = request(projectId, tokenHash, { keep: 2 })
    await store.addEchoRequest(last)
    const kept = await other.listEchoRequests(projectId)
    expect(kept).toHaveLength(2)
    expect(kept[0]!.id).toBe(last.id)
  })

  it('are refused while the echo is off, and cleared', async () => {
    const { store, other } = context()
    const { projectId, tokenHash } = await enable()
    for (let n = 0; n < 3; n++) await store.addEchoRequest(request(projectId, tokenHash))
    const off = { projectId, token: newToken(), isEnabled: false, answer: {}, nowMs: T0 }
    await store.saveEcho(off)
    expect(await other.addEchoRequest(request(projectId, tokenHash))).toBe(false)
    expect(await store.clearEchoRequests(newId())).toBe(0)
    expect(await store.clearEchoRequests(projectId)).toBe(3)
    expect(await other.listEchoRequests(projectId)).toEqual([])
  })
}
