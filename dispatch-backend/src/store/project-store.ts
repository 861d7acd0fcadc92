/**
 * The part of the store contract that is about projects, their API keys and their signing secrets; the rules at the head of
 * `store.ts` hold here too.
 */
import type { Role } from './account-store.js'

export interface ProjectStore {
  /** Stores the project and its first signing secret, if the user may manage the organization (owner, manager, admin). */
  createProject(request: NewProject): Promise<'created' | 'not-found' | 'forbidden'>
  listProjects(userId: string): Promise<Project[]>
  getProject(request: { userId: string; id: string }): Promise<Project | null>
  renameProject(request: { id: string; name: string; nowMs: number }): Promise<void>
  /** From here on nothing of it fires, is listed or can be created; `purgeDeleted` removes the rows. */
  markProjectDeleted(request: { id: string; nowMs: number }): Promise<void>

  createApiKey(key: NewApiKey): Promise<void>
  listApiKeys(projectId: string): Promise<ApiKey[]>
  /** False when there is no such key in the project. */
  revokeApiKey(request: { projectId: string; id: string; nowMs: number }): Promise<boolean>
  /** By SHA-256 of the whole key; null when revoked or its project is deleted. */
  findApiKey(keyHash: string): Promise<{ id: string; projectId: string; organizationId: string } | null>
  /** Notes when keys were last used; the caller gathers and limits how often. */
  touchApiKeys(uses: readonly { id: string; usedAtMs: number }[]): Promise<void>

  /** Newest first; the first is the current one. Expired ones are left out. */
  listSigningSecrets(request: { projectId: string; nowMs: number }): Promise<SigningSecret[]>
  /** Adds a current secret; all earlier ones expire at `previousExpireAtMs` at the latest. */
  rotateSigningSecret(request: {
    projectId: string
    secret: NewSigningSecret
    previousExpireAtMs: number
  }): Promise<void>
}

export interface NewProject {
  readonly id: string
  readonly userId: string
  /** Absent = the first organization that the user owns. */
  readonly organizationId?: string
  readonly name: string
  readonly nowMs: number
  readonly signingSecret: NewSigningSecret
}

export interface Project {
  readonly id: string
  readonly organizationId: string
  readonly name: string
  /** The asking user's role in the organization. */
  readonly role: Role
  readonly createdAtMs: number
  readonly updatedAtMs: number
  readonly counts: { readonly jobs: number; readonly apiKeys: number }
}

export interface NewApiKey {
  readonly id: string
  readonly projectId: string
  readonly label: string
  readonly keyHash: string
  readonly lastFour: string
  readonly createdAtMs: number
}

export interface ApiKey {
  readonly id: string
  readonly label: string
  readonly lastFour: string
  readonly createdAtMs: number
  readonly lastUsedAtMs: number | null
}

export interface NewSigningSecret {
  readonly id: string
  /** Encrypted by the caller; the store never sees the secret. */
  readonly sealed: string
  readonly createdAtMs: number
}

export interface SigningSecret extends NewSigningSecret {
  /** null = the current one. */
  readonly expiresAtMs: number | null
}
