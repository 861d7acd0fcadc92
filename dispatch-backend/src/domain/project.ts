/** Projects, and who may do what with them. */
import type { Clock } from '../clock.js'
import { DispatchError } from '../errors.js'
import type { Project, ProjectStore, Role } from '../store/store.js'
import { newId, notFound, requireId } from './id.js'
import type { SigningSecrets } from './signing-secret.js'

/** May change projects, keys and secrets; members read and use them. */
export const MANAGING_ROLES: readonly Role[] = ['owner', 'manager', 'admin']
const NOT_A_MANAGER = 'Only owners, managers and admins of the organization may do this'

export class Projects {
  readonly #store: ProjectStore
  readonly #clock: Clock
  readonly #secrets: SigningSecrets

  constructor(store: ProjectStore, clock: Clock, secrets: SigningSecrets) {
    this.#store = store
    this.#clock = clock
    this.#secrets = secrets
  }

  /** Without `organizationId`: in the user's own organization. Throws `NOT_FOUND`, `FORBIDDEN`. */
  async create(userId: string, name: string, organizationId?: string): Promise<Project> {
    const id = newId()
    const owner = { userId, ...(organizationId === undefined ? {} : { organizationId: organizationId.toLowerCase() }) }
    const signingSecret = this.#secrets.make()
    const outcome = await this.#store.createProject({ id, name, nowMs: this.#clock.wallMs(), signingSecret, ...owner })
    if (outcome === 'not-found') throw notFound('Organization')
    if (outcome === 'forbidden') throw new DispatchError('FORBIDDEN', { message: NOT_A_MANAGER })
    return this.visible(userId, id)
  }

  list(userId: string): Promise<Project[]> {
    return this.#store.listProjects(userId)
  }

  /** A project of one of the user's organizations. Throws `NOT_FOUND`. */
  async visible(userId: string, id: string): Promise<Project> {
    const project = await this.#store.getProject({ userId, id: requireId(id, 'Project') })
    if (!project) throw notFound('Project')
    return project
  }

  /** A project that the user may change. Throws `NOT_FOUND`, `FORBIDDEN`. */
  async managed(userId: string, id: string): Promise<Project> {
    const project = await this.visible(userId, id)
    if (!MANAGING_ROLES.includes(project.role)) throw new DispatchError('FORBIDDEN', { message: NOT_A_MANAGER })
    return project
  }

  async rename(userId: string, id: string, name: string): Promise<Project> {
    const project = await this.managed(userId, id)
    await this.#store.renameProject({ id: project.id, name, nowMs: this.#clock.wallMs() })
    return this.visible(userId, id)
  }

  /** From here on nothing of it fires, is listed or can be created. */
  async delete(userId: string, id: string): Promise<void> {
    const project = await this.managed(userId, id)
    await this.#store.markProjectDeleted({ id: project.id, nowMs: this.#clock.wallMs() })
  }
}
