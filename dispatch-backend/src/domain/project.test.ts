import { describe, expect, it, vi } from 'vitest'
import { systemClock } from '../clock.js'
import type { Project, ProjectStore, Role } from '../store/store.js'
import { Projects } from './project.js'
import { createSealer } from './secrets.js'
import { SigningSecrets } from './signing-secret.js'

const ID = '0190a000-0000-7000-8000-000000000001'

/** A project as a user of this role sees it; the store's verbs themselves are proven on real databases. */
function projectsSeenAs(role: Role) {
  const project: Project = {
    ...{ id: ID, organizationId: ID, name: 'production', role, createdAtMs: 1, updatedAtMs: 1 },
    counts: { jobs: 0, apiKeys: 0 },
  }
  const store = {
    getProject: vi.fn(() => Promise.resolve(project)),
    renameProject: vi.fn(() => Promise.resolve()),
    markProjectDeleted: vi.fn(() => Promise.resolve()),
  }
  const secrets = new SigningSecrets(store as unknown as ProjectStore, systemClock, createSealer(Buffer.alloc(32)))
  return { store, projects: new Projects(store as unknown as ProjectStore, systemClock, secrets) }
}

describe('Projects', () => {
  it.each(['owner', 'manager', 'admin'] as const)('may be changed by an organization’s %s', async (role) => {
    const { projects, store } = projectsSeenAs(role)
    await projects.rename('u', ID, 'new')
    await projects.delete('u', ID)
    expect(store.renameProject).toHaveBeenCalledWith(expect.objectContaining({ id: ID, name: 'new' }))
    expect(store.markProjectDeleted).toHaveBeenCalledWith(expect.objectContaining({ id: ID }))
  })

  it('are only read by members', async () => {
    const { projects, store } = projectsSeenAs('member')
    expect(await projects.visible('u', ID)).toMatchObject({ id: ID })
    for (const attempt of [projects.managed('u', ID), projects.rename('u', ID, 'x'), projects.delete('u', ID)]) {
      await expect(attempt).rejects.toMatchObject({ code: 'FORBIDDEN', status: 403 })
    }
    expect(store.renameProject).not.toHaveBeenCalled()
    expect(store.markProjectDeleted).not.toHaveBeenCalled()
  })
})
