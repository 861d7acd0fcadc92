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

const CODE = 'the 6 digits that were mailed'

/** The canonical form has no spaces: people copy them along. */
export const verifyEmailBody = z.object({
  email,
  code: z
    .string({ error: CODE })
    .transform((text) => text.replace(/\s/g, ''))
    .pipe(z.string().regex(/^\d{6}$/, { error: CODE })),
  /** That of the registration; needed only to keep it when the address was registered more than once. */
  password: z.string({ error: 'a password' }).max(1024, { error: 'a password' }).optional(),
})
export type VerifyEmailBody = z.infer<typeof verifyEmailBody>

export const emailBody = z.object({ email })
export type EmailBody = z.infer<typeof emailBody>

const TOKEN = 'the token of the link'

export const resetPasswordBody = z.object({
  token: z.string({ error: TOKEN }).min(1, { error: TOKEN }).max(200, { error: TOKEN }),
  password: newPassword,
})
export type ResetPasswordBody = z.infer<typeof resetPasswordBody>

const currentPassword = z.string({ error: 'your password' }).min(1, { error: 'your password' }).max(1024, {
  error: 'your password',
})

/** What is left out stays as it is; `name: null` removes it. */
export const profileBody = z.object({
  name: text(1, 100).nullable().optional(),
  email: email.optional(),
  /** Needed to change the address: whoever has it can have a new password sent. */
  password: currentPassword.optional(),
})
export type ProfileBody = z.infer<typeof profileBody>

export const changePasswordBody = z.object({ currentPassword, newPassword })
export type ChangePasswordBody = z.infer<typeof changePasswordBody>

export const deleteAccountBody = z.object({ password: currentPassword })
export type DeleteAccountBody = z.infer<typeof deleteAccountBody>

/** The answer of a registration whose address has to be verified first. */
export const registered = z.object({ email: z.string() })
export type Registered = z.infer<typeof registered>

/** `data` of the 403 to who signs in with the right password before the address is verified. */
export const needsVerification = z.object({ needsVerification: z.literal(true), email: z.string() })
export type NeedsVerification = z.infer<typeof needsVerification>

export const session = z.object({
  id: z.uuid(),
  createdAt: isoInstant,
  lastSeenAt: isoInstant,
  ipAddress: z.string().nullable(),
  userAgent: z.string().nullable(),
  /** The one that asks. */
  current: z.boolean(),
})
export type Session = z.infer<typeof session>

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
