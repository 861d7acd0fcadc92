import * as z from 'zod'
import { isoInstant, text } from './text.js'

const EMAIL = 'an email address of at most 254 characters'
const NEW_PASSWORD = 'a password of at least 8 characters (at most 1024 bytes)'

/** In its canonical form: trimmed and in lower case. */
export const email = z
  .string({ error: EMAIL })
  .trim()
  .toLowerCase()
  .pipe(z.email({ error: EMAIL }).max(254, { error: EMAIL }))

export const newPassword = z
  .string({ error: NEW_PASSWORD })
  .min(8, { error: NEW_PASSWORD })
  .max(1024, { error: NEW_PASSWORD })

export const registerBody = z.object({
  email,
  password: newPassword,
  name: text(1, 100).optional(),
  /** Only for the first account, when it is not made on the machine itself. Also taken from the header `x-setup-token`. */
  setupToken: z.string({ error: 'the set-up token' }).optional(),
})
export type RegisterBody = z.infer<typeof registerBody>

export const loginBody = z.object({
  email,
  password: z.string({ error: 'a password' }).min(1, { error: 'a password' }).max(1024, { error: 'a password' }),
})
export type LoginBody = z.infer<typeof loginBody>

export const user = z.object({
  id: z.uuid(),
  email: z.string(),
  name: z.string().nullable(),
  isEmailVerified: z.boolean(),
  isInstanceOwner: z.boolean(),
  createdAt: isoInstant,
})
export type User = z.infer<typeof user>

export const signedIn = z.object({ token: z.string(), user })
export type SignedIn = z.infer<typeof signedIn>

export const role = z.enum(['owner', 'manager', 'admin', 'member'])
export type Role = z.infer<typeof role>

export const organization = z.object({ id: z.uuid(), name: z.string(), slug: z.string(), role })
export type Organization = z.infer<typeof organization>

export const me = user.extend({ organizations: z.array(organization) })
export type Me = z.infer<typeof me>
