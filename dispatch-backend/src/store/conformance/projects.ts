/** Projects, their API keys and signing secrets. */
import { expect, it } from 'vitest'
import { seedApiKey, seedProject, seedUser } from './seeds.js'
import { claimRequest, createJobs, newId, T0, type StoreContext } from './subject.js'

export function projectCases(context: () => StoreContext): void {
  it('is made in an organization of its user', async () => {
    const { store } = context()
    const { userId, organizationId } = await seedUser(store)
    const request = { id: newId(), userId, name: 'staging ☂', nowMs: T0, signingSecret: newSecret('first') }
    expect(await store.createProject(request)).toBe('created')
    expect(await store.createProject(request)).toBe('created')
    const project = await store.getProject({ userId, id: request.id })
    expect(project).toEqual({
      id: request.id,
      organizationId,
      name: 'staging ☂',
      role: 'owner',
      createdAtMs: T0,
      updatedAtMs: T0,
      counts: { jobs: 0, apiKeys: 0 },
    })
    expect(await store.listProjects(userId)).toEqual([project])
    expect(await store.listSigningSecrets({ projectId: request.id, nowMs: T0 })).toMatchObject([{ sealed: 'first' }])
  })

  it('is not made in an organization of others', async () => {
    const { store } = context()
    const [user, stranger] = [await seedUser(store), await seedUser(store)]
    const request = { id: newId(), name: 'x', nowMs: T0, signingSecret: newSecret('x') }
    const within = { ...request, userId: user.userId, organizationId: stranger.organizationId }
    expect(await store.createProject(within)).toBe('not-found')
    expect(await store.createProject({ ...request, userId: newId() })).toBe('not-found')
    expect(await store.listProjects(stranger.userId)).toEqual([])
  })

  it('is listed newest first, with counts, to its own users only', async () => {
    const { store, project } = context()
    const second = await seedProject(store, project.userId)
    const stranger = await seedProject(store)
    await createJobs(store, project, [{}, {}])
    const revoked = await seedApiKey(store, project.projectId)
    await store.revokeApiKey({ projectId: project.projectId, id: revoked, nowMs: T0 })
    expect(await store.listProjects(project.userId)).toMatchObject([
      { id: second.projectId, counts: { jobs: 0, apiKeys: 1 } },
      { id: project.projectId, counts: { jobs: 2, apiKeys: 1 } },
    ])
    expect(await store.getProject({ userId: stranger.userId, id: project.projectId })).toBeNull()
    expect(await store.getProject({ userId: project.userId, id: newId() })).toBeNull()
  })

  it('takes a new name', async () => {
    const { store, project } = context()
    await store.renameProject({ id: project.projectId, name: 'prod 😀', nowMs: T0 + 5 })
    const seen = await store.getProject({ userId: project.userId, id: project.projectId })
    expect(seen).toMatchObject({ name: 'prod 😀', createdAtMs: T0, updatedAtMs: T0 + 5 })
  })
}

export function apiKeyCases(context: () => StoreContext): void {
  it('is found by its hash until it is revoked, on every replica at once', async () => {
    const { store, other, project } = context()
    const keyHash = newId()
    const id = await seedApiKey(store, project.projectId, keyHash)
    expect(await other.findApiKey(keyHash)).toMatchObject({ id, projectId: project.projectId })
    expect(await store.findApiKey(newId())).toBeNull()
    const revocation = { projectId: project.projectId, id, nowMs: T0 }
    expect(await store.revokeApiKey({ ...revocation, projectId: newId() })).toBe(false)
    expect(await store.revokeApiKey(revocation)).toBe(true)
    expect(await store.revokeApiKey(revocation)).toBe(true)
    expect(await store.revokeApiKey({ ...revocation, nowMs: T0 + 1 })).toBe(false)
    expect(await other.findApiKey(keyHash)).toBeNull()
  })

  it('is listed newest first with its last use', async () => {
    const { store, project } = context()
    const second = await seedApiKey(store, project.projectId)
    await store.touchApiKeys([
      { id: project.apiKeyId, usedAtMs: T0 + 5 },
      { id: newId(), usedAtMs: T0 },
    ])
    await store.touchApiKeys([{ id: project.apiKeyId, usedAtMs: T0 + 1 }])
    await store.touchApiKeys([])
    const key = { label: 'server', lastFour: 'a8b0', createdAtMs: T0 }
    expect(await store.listApiKeys(project.projectId)).toEqual([
      { ...key, id: second, lastUsedAtMs: null },
      { ...key, id: project.apiKeyId, lastUsedAtMs: T0 + 5 },
    ])
    await store.revokeApiKey({ projectId: project.projectId, id: second, nowMs: T0 })
    expect(await store.listApiKeys(project.projectId)).toHaveLength(1)
  })
}

export function secretCases(context: () => StoreContext): void {
  const sealed = async (nowMs: number): Promise<string[]> => {
    const { store, project } = context()
    const secrets = await store.listSigningSecrets({ projectId: project.projectId, nowMs })
    return secrets.map((secret) => secret.sealed)
  }

  it('keeps earlier ones until the overlap ends, newest first', async () => {
    const { store, project } = context()
    const [first] = await sealed(T0)
    await store.rotateSigningSecret({
      projectId: project.projectId,
      secret: newSecret('second', T0 + 10),
      previousExpireAtMs: T0 + 100,
    })
    expect(await sealed(T0 + 99)).toEqual(['second', first])
    expect(await sealed(T0 + 100)).toEqual(['second'])
    const secrets = await store.listSigningSecrets({ projectId: project.projectId, nowMs: T0 })
    expect(secrets.map((secret) => secret.expiresAtMs)).toEqual([null, T0 + 100])
  })

  it('drops a leaked one at once, also one that was to live on', async () => {
    const { store, project } = context()
    const { projectId } = project
    await store.rotateSigningSecret({ projectId, secret: newSecret('b', T0 + 1), previousExpireAtMs: T0 + 9_000 })
    await store.rotateSigningSecret({ projectId, secret: newSecret('c', T0 + 2), previousExpireAtMs: T0 + 2 })
    expect(await sealed(T0 + 2)).toEqual(['c'])
  })

  it('rotates once when it is replayed, even after another rotation', async () => {
    const { store, project } = context()
    const { projectId } = project
    const rotation = { projectId, secret: newSecret('b', T0 + 1), previousExpireAtMs: T0 + 1 }
    await store.rotateSigningSecret(rotation)
    await store.rotateSigningSecret({ projectId, secret: newSecret('c', T0 + 2), previousExpireAtMs: T0 + 50 })
    await store.rotateSigningSecret(rotation)
    expect(await sealed(T0 + 3)).toEqual(['c', 'b'])
  })

  it('leaves one current when two rotate at once', async () => {
    const { store, other, project } = context()
    for (let round = 0; round < 5; round++) {
      const rotate = (each: typeof store): Promise<void> =>
        each.rotateSigningSecret({
          projectId: project.projectId,
          secret: newSecret(`s${round}`, T0 + round),
          previousExpireAtMs: T0 + 50,
        })
      await Promise.all([rotate(store), rotate(other)])
      const secrets = await store.listSigningSecrets({ projectId: project.projectId, nowMs: T0 })
      expect(secrets.filter((secret) => secret.expiresAtMs === null)).toHaveLength(1)
    }
  })

  it('goes with each claim, newest first, unexpired ones only', async () => {
    const { store, project } = context()
    const { projectId } = project
    await store.rotateSigningSecret({ projectId, secret: newSecret('b', T0 + 1), previousExpireAtMs: T0 + 2 })
    await store.rotateSigningSecret({ projectId, secret: newSecret('c', T0 + 2), previousExpireAtMs: T0 + 500 })
    const second = await seedProject(store)
    const jobs = [...(await createJobs(store, project, [{}, {}])), ...(await createJobs(store, second, [{}]))]
    const { sealedSecrets } = await store.claim(claimRequest(jobs, { nowMs: T0 + 10 }))
    expect(sealedSecrets).toEqual({
      [projectId]: ['c', 'b'],
      [second.projectId]: [`sealed-${second.projectId}`],
    })
  })
}

function newSecret(sealed: string, createdAtMs = T0): { id: string; sealed: string; createdAtMs: number } {
  return { id: newId(), sealed, createdAtMs }
}
