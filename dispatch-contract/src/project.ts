import * as z from 'zod'
import { isoInstant, text, wholeNumber } from './text.js'

/** A day: how long the secret before keeps signing, unless the caller says otherwise. */
export const DEFAULT_OVERLAP_SECONDS = 86_400
/** How long it may at the most. */
export const MAX_OVERLAP_SECONDS = 30 * 86_400

export const createProjectBody = z.object({
  name: text(1, 100),
  organizationId: z
    .uuid({ error: 'the id of an organization (a UUID)' })
    .optional()
    .describe('The organization it belongs to; when left out, the first one that you own.'),
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

export const createApiKeyBody = z.object({
  label: text(1, 100).describe('Where the key will live, such as "production server".'),
})
export type CreateApiKeyBody = z.infer<typeof createApiKeyBody>

export const apiKey = z.object({
  id: z.uuid(),
  label: z.string(),
  lastFour: z.string().describe('The last four characters of the key.'),
  createdAt: isoInstant,
  lastUsedAt: isoInstant
    .nullable()
    .describe('Null before the first use. Uses on other replicas show after at most about a minute.'),
})
export type ApiKey = z.infer<typeof apiKey>

/** The only answer that ever holds the key itself. */
export const newApiKey = apiKey.omit({ lastUsedAt: true }).extend({
  key: z.string().describe('The key itself: `sk_` and 64 hex characters. It is shown this once.'),
})
export type NewApiKey = z.infer<typeof newApiKey>

export const rotateSecretBody = z.object({
  overlapSeconds: wholeNumber(0, MAX_OVERLAP_SECONDS)
    .default(DEFAULT_OVERLAP_SECONDS)
    .describe('How long the secrets before keep signing; 0 ends them at once, as after a leak.'),
})
export type RotateSecretBody = z.infer<typeof rotateSecretBody>

export const signingSecret = z.object({
  secret: z.string().describe('`whsec_` and base64: the key that signs deliveries.'),
  createdAt: isoInstant,
  previous: z
    .array(z.object({ createdAt: isoInstant, expiresAt: isoInstant }))
    .describe('Earlier secrets that still sign, until they expire.'),
})
export type SigningSecret = z.infer<typeof signingSecret>
