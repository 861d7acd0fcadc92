/**
 * The part of the store contract that accounts, sessions, mail and the `user` commands need; the rules at the head of
 * `store.ts` hold here too. An address is always in the canonical form the domain stores (trimmed, lower case).
 */

export type Role = 'owner' | 'manager' | 'admin' | 'member'

// -------------------------------------------------------------------------------------------------------- accounts

export interface AccountStore {
  /** True once some account is the instance owner. */
  hasInstanceOwner(): Promise<boolean>
  /**
   * Stores the user with an organization of its own. With `asInstanceOwner` it succeeds only while there is no owner; without,
   * only once there is one. Of two racing first sign-ups exactly one becomes the owner.
   */
  createUser(request: NewUser): Promise<'created' | 'email-taken' | 'owner-exists' | 'owner-missing'>
  /** By the address in the canonical form the domain stores (trimmed, lower case). */
  findUserByEmail(email: string): Promise<UserWithPassword | null>
  listOrganizations(userId: string): Promise<Organization[]>
  /**
   * False, and nothing is stored, when the user is gone or disabled, or has another password than `passwordHash` by now: what
   * ended the user's sessions while a sign-in was under way ends that one too.
   */
  createSession(session: NewSession): Promise<boolean>
  /** The session with its user, unless it is over or the user disabled. Always read from the freshest node. */
  findSession(request: { tokenHash: string; nowMs: number }): Promise<{ session: Session; user: User } | null>
  /** Notes that the session was used; callers limit how often. */
  touchSession(request: { id: string; nowMs: number }): Promise<void>
  endSession(request: { userId: string; id: string }): Promise<boolean>
}

export interface User {
  readonly id: string
  readonly email: string
  readonly name: string | null
  readonly isEmailVerified: boolean
  readonly isInstanceOwner: boolean
  readonly createdAtMs: number
}

export interface UserWithPassword extends User {
  readonly passwordHash: string
  readonly isDisabled: boolean
}

export interface NewUser {
  readonly user: Omit<UserWithPassword, 'isDisabled' | 'isInstanceOwner'>
  readonly organization: { readonly id: string; readonly name: string; readonly slug: string }
  readonly asInstanceOwner: boolean
}

export interface Organization {
  readonly id: string
  readonly name: string
  readonly slug: string
  readonly role: Role
}

export interface NewSession {
  readonly id: string
  readonly tokenHash: string
  readonly userId: string
  /** That of the password which was given; absent when the sign-in is proven otherwise. */
  readonly passwordHash?: string | undefined
  readonly createdAtMs: number
  readonly expiresAtMs: number
  readonly ipAddress: string | null
  readonly userAgent: string | null
}

export interface Session extends Omit<NewSession, 'tokenHash' | 'passwordHash'> {
  readonly lastSeenAtMs: number
}

// --------------------------------------------------------------------------------------------------- registrations

export interface RegistrationStore {
  /**
   * Keeps a registration until its address is verified, in the place of an earlier one of the same address, and queues the
   * mail. It does the same work whether or not the address belongs to an account. `isContested` was judged by the registration
   * `beforeId` (null: there was none); in the place of any other unexpired one, this one is stored as contested.
   */
  storeRegistration(request: { registration: Registration; beforeId: string | null; mail: NewMail }): Promise<void>
  /** The unexpired registration of the address. */
  findRegistration(request: { email: string; nowMs: number }): Promise<Registration | null>
  /**
   * Makes the registration the account it describes (`user.id` is the registration's id) and removes it. `gone`: it was
   * replaced, or its address taken, in the meantime.
   */
  confirmRegistration(
    request: NewUser & { readonly mail: NewMail | null },
  ): Promise<'created' | 'gone' | 'owner-exists' | 'owner-missing'>
}

export interface Registration {
  /** Becomes the user's id. */
  readonly id: string
  readonly email: string
  readonly name: string | null
  readonly passwordHash: string
  /** The caller could have made the first account (loopback, or the set-up token). */
  readonly mayOwnInstance: boolean
  /** The address was registered more than once with different passwords: nobody knows whose this one is. */
  readonly isContested: boolean
  readonly createdAtMs: number
  readonly expiresAtMs: number
}

// ---------------------------------------------------------------------------------------------------------- proofs

export interface ProofStore {
  /**
   * Stores the hash of a code or token; an earlier one with this id is void from here on. With `mailId` only while that mail is
   * in the outbox: false, and nothing is stored, when what it is about was called off while it was being sent.
   */
  issueProof(proof: Proof & { readonly mailId?: string }): Promise<boolean>
  /**
   * Judges a code against the unexpired proof `proofId`, counting wrong ones under `countId`: at the `maxWrong`-th no code is
   * taken any more until `windowMs` after the first wrong one. Without a proof every code is wrong, and counted alike.
   */
  tryCode(request: CodeTry): Promise<CodeVerdict>
  /**
   * Sets the password if `tokenHash` is that of an unexpired `password-reset` proof for the user's present address; the token
   * is used up, all sessions end, address changes under way are void, and the address counts as verified. Answers whose
   * account it is.
   */
  resetPassword(request: { tokenHash: string; passwordHash: string; nowMs: number }): Promise<User | null>
}

export type ProofPurpose = 'registration' | 'email-change' | 'password-reset'

export interface Proof {
  /** `proofId(purpose, subject)`. */
  readonly id: string
  /** The registration's or the user's id. */
  readonly subjectId: string
  readonly email: string
  readonly secretHash: string
  readonly createdAtMs: number
  readonly expiresAtMs: number
}

/** One proof per purpose and subject, so that a new one replaces the old. */
export function proofId(purpose: ProofPurpose, subjectId: string): string {
  return `${purpose}:${subjectId}`
}

export interface CodeTry {
  /** Unique to the try: a replay does not count twice. */
  readonly tryId: string
  readonly countId: string
  readonly proofId: string | null
  readonly codeHash: string
  readonly maxWrong: number
  readonly windowMs: number
  readonly nowMs: number
}

export type CodeVerdict =
  | { readonly outcome: 'right' }
  | { readonly outcome: 'wrong' }
  | { readonly outcome: 'locked'; readonly untilMs: number }

// -------------------------------------------------------------------------------------------------------- profiles

export interface ProfileStore {
  renameUser(request: { id: string; name: string | null }): Promise<void>
  /**
   * Uses up the proof, voids what was mailed to the old address, and queues `mail` with the change. `void`: there is no such
   * proof (any more), or no such user.
   */
  changeEmail(request: EmailChange): Promise<'changed' | 'email-taken' | 'void'>
  /**
   * Replaces `oldHash`, ends all sessions but `keepSessionId`, voids reset links and address changes under way. False when
   * the password has been changed in between.
   */
  changePassword(request: PasswordChange): Promise<boolean>
  /** Unexpired ones, the last used first. */
  listSessions(request: { userId: string; nowMs: number }): Promise<Session[]>
  /** Answers how many ended. */
  endSessions(request: { userId: string; exceptId: string | null; nowMs: number }): Promise<number>
  /** What would go if the account was deleted: organizations of which it is the only member, and what is in them. */
  accountContents(userId: string): Promise<AccountContents>
  /**
   * Removes the account with its sessions, marks the organizations of which it is the only member with their projects as
   * deleted (`purgeDeleted` removes the rows; nothing of them fires), and leaves the others. The instance owner can only go
   * when there is no other account. Mails about the account are dropped, and `mail` is queued.
   */
  deleteAccount(request: { userId: string; nowMs: number; mail: NewMail | null }): Promise<'deleted' | 'owns-instance'>
}

export interface EmailChange {
  readonly id: string
  readonly email: string
  readonly mail: NewMail | null
  /** The code that was mailed to the address, which is verified then; null = the address is taken unverified. */
  readonly proof: { readonly codeHash: string; readonly nowMs: number } | null
}

export interface PasswordChange {
  readonly userId: string
  readonly oldHash: string
  readonly newHash: string
  readonly keepSessionId: string | null
  readonly mail: NewMail | null
}

export interface AccountContents {
  readonly organizations: number
  readonly projects: number
  /** Jobs that will still be sent; counted to `MAX_COUNTED_JOBS`. */
  readonly pendingJobs: number
}

/** Beyond it "more than" is exact enough for people, and counting would hold up the answer. */
export const MAX_COUNTED_JOBS = 10_000

// -------------------------------------------------------------------------------------------------------- operator

export interface OperatorStore {
  /** By address; `after` is the last address of the page before. */
  listUsers(request: { after: string; limit: number }): Promise<UserWithState[]>
  /** Disabling ends all sessions, for good. False when there is no such user. */
  setUserDisabled(request: { id: string; isDisabled: boolean }): Promise<boolean>
  /** Makes the user the instance owner in the place of whoever was. False when there is no such user. */
  setInstanceOwner(userId: string): Promise<boolean>
}

export interface UserWithState extends User {
  readonly isDisabled: boolean
}

// ------------------------------------------------------------------------------------------------------------ mail

/** Mails wait here until they are sent: at least once, by whichever replica claims them. */
export interface MailStore {
  /** One that waits already (kind, address, subject) starts over instead of being sent twice. */
  queueMail(mail: NewMail): Promise<void>
  /** Mails to try now, the longest waiting first; nobody else gets them for `leaseMs`. */
  claimMails(request: { claimId: string; nowMs: number; leaseMs: number; limit: number }): Promise<QueuedMail[]>
  /** It was sent, or is not to be sent any more. A mail queued anew since the claim stays. */
  finishMail(request: { id: string; claimId: string }): Promise<void>
  /** It could not be sent: the next try. `error` in words. */
  retryMail(request: { id: string; claimId: string; nextTryAtMs: number; error: string }): Promise<void>
}

export type MailKind =
  'registration' | 'email-change' | 'password-reset' | 'password-changed' | 'email-changed' | 'account-deleted'

export interface NewMail {
  readonly id: string
  readonly kind: MailKind
  readonly email: string
  /** The user it is about; null when only the address is known. */
  readonly userId: string | null
  /** What a notice tells, such as the new address. Never a secret. */
  readonly detail: string | null
  readonly nowMs: number
  /** Given up then. */
  readonly expiresAtMs: number
}

export interface QueuedMail extends Omit<NewMail, 'nowMs'> {
  /** This one included. */
  readonly tries: number
}
