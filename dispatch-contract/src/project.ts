import * as z from 'zod'
import { isoInstant, text, wholeNumber } from './text.js'

/** A day: how long the secret before keeps signing, unless the caller says otherwise. */
export const DEFAULT_OVERLAP_SECONDS = 86_400
const MAX_OVERLAP_SECONDS = 30 * 86_400

export const createProjectBody = z.object({
  name: text(1, 100),
  organizationId: z.uuid({ error: 'the id of an organization (a UUID)' }).optional(),
})
export type CreateProjectBody = z.infer<typeof createProjectBody>

export const renameProjectBody = z.object({ name: text(1, 100) })
export type RenameProjectBody = z.infer<typeof renameProjectBody>

export const project = z.object({
  id: z.uuid(),
  organizationId: z.uuid(),
  name: z.string(),
  createdAt: isoInstant,
  updatedAt: isoInstant,
  counts: z.object({ jobs: z.int(), apiKeys: z.int() }),
})
export type Project = z.infer<typeof project>

export const createApiKeyBody = z.object({ label: text(1, 100) })
export type CreateApiKeyBody = z.infer<typeof createApiKeyBody>

export const apiKey = z.object({
  id: z.uuid(),
  label: z.string(),
  lastFour: z.string(),
  createdAt: isoInstant,
  lastUsedAt: isoInstant.nullable(),
})
export type ApiKey = z.infer<typeof apiKey>

/** The only answer that ever holds the key itself. */
export const newApiKey = apiKey.omit({ lastUsedAt: true }).extend({ key: z.string() })
export type NewApiKey = z.infer<typeof newApiKey>

export const rotateSecretBody = z.object({
  /** How long the secrets before keep signing; 0 ends them at once. */
  overlapSeconds: wholeNumber(0, MAX_OVERLAP_SECONDS).default(DEFAULT_OVERLAP_SECONDS),
})
export type RotateSecretBody = z.infer<typeof rotateSecretBody>

export const signingSecret = z.object({
  secret: z.string(),
  createdAt: isoInstant,
  previous: z.array(z.object({ createdAt: isoInstant, expiresAt: isoInstant })),
})
export type SigningSecret = z.infer<typeof signingSecret>
