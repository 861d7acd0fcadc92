import type * as accounts from './account-store.js'
import { createUser, findUserByEmail, hasInstanceOwner, listOrganizations } from './sql/accounts.js'
import { accountContents, deleteAccount } from './sql/delete-account.js'
import { listUsers, setInstanceOwner, setUserDisabled } from './sql/operator.js'
import { claimMails, finishMail, queueMail, retryMail } from './sql/outbox.js'
import { changeEmail, changePassword, renameUser } from './sql/profiles.js'
import { issueProof, resetPassword, tryCode } from './sql/proofs.js'
import { confirmRegistration, findRegistration, storeRegistration } from './sql/registrations.js'
import { createSession, endSession, endSessions, findSession, listSessions, touchSession } from './sql/sessions.js'
import type { Database } from './sql/database.js'
import type * as contract from './store.js'

/** What a verb of one parameter is asked. */
type Request<Verb extends VerbOfOne> = Parameters<contract.Store[Verb]>[0]
type VerbOfOne = keyof (accounts.RegistrationStore &
  accounts.ProofStore &
  accounts.ProfileStore &
  accounts.OperatorStore &
  accounts.MailStore)

/** Those verbs of the store (`sql-store.ts`) that are about people: accounts, sessions, mail. */
export abstract class SqlAccountStore
  implements
    contract.AccountStore,
    accounts.RegistrationStore,
    accounts.ProofStore,
    accounts.ProfileStore,
    accounts.OperatorStore,
    accounts.MailStore
{
  protected readonly database: Database

  constructor(database: Database) {
    this.database = database
  }

  hasInstanceOwner(): Promise<boolean> {
    return hasInstanceOwner(this.database)
  }

  createUser(request: contract.NewUser): ReturnType<contract.Store['createUser']> {
    return createUser(this.database, request)
  }

  findUserByEmail(email: string): Promise<contract.UserWithPassword | null> {
    return findUserByEmail(this.database, email)
  }

  listOrganizations(userId: string): Promise<contract.Organization[]> {
    return listOrganizations(this.database, userId)
  }

  createSession(session: contract.NewSession): Promise<boolean> {
    return createSession(this.database, session)
  }

  findSession(request: { tokenHash: string; nowMs: number }): ReturnType<contract.Store['findSession']> {
    return findSession(this.database, request)
  }

  touchSession(request: { id: string; nowMs: number }): Promise<void> {
    return touchSession(this.database, request)
  }

  endSession(request: { userId: string; id: string }): Promise<boolean> {
    return endSession(this.database, request)
  }

  storeRegistration(request: Request<'storeRegistration'>): ReturnType<contract.Store['storeRegistration']> {
    return storeRegistration(this.database, request)
  }

  findRegistration(request: Request<'findRegistration'>): ReturnType<contract.Store['findRegistration']> {
    return findRegistration(this.database, request)
  }

  confirmRegistration(request: Request<'confirmRegistration'>): ReturnType<contract.Store['confirmRegistration']> {
    return confirmRegistration(this.database, request)
  }

  issueProof(proof: Request<'issueProof'>): Promise<boolean> {
    return issueProof(this.database, proof)
  }

  tryCode(request: accounts.CodeTry): Promise<accounts.CodeVerdict> {
    return tryCode(this.database, request)
  }

  resetPassword(request: Request<'resetPassword'>): ReturnType<contract.Store['resetPassword']> {
    return resetPassword(this.database, request)
  }

  renameUser(request: Request<'renameUser'>): ReturnType<contract.Store['renameUser']> {
    return renameUser(this.database, request)
  }

  changeEmail(request: Request<'changeEmail'>): ReturnType<contract.Store['changeEmail']> {
    return changeEmail(this.database, request)
  }

  changePassword(request: accounts.PasswordChange): Promise<boolean> {
    return changePassword(this.database, request)
  }

  listSessions(request: Request<'listSessions'>): ReturnType<contract.Store['listSessions']> {
    return listSessions(this.database, request)
  }

  endSessions(request: Request<'endSessions'>): ReturnType<contract.Store['endSessions']> {
    return endSessions(this.database, request)
  }

  accountContents(userId: string): Promise<accounts.AccountContents> {
    return accountContents(this.database, userId)
  }

  deleteAccount(request: Request<'deleteAccount'>): ReturnType<contract.Store['deleteAccount']> {
    return deleteAccount(this.database, request)
  }

  listUsers(request: Request<'listUsers'>): ReturnType<contract.Store['listUsers']> {
    return listUsers(this.database, request)
  }

  setUserDisabled(request: Request<'setUserDisabled'>): ReturnType<contract.Store['setUserDisabled']> {
    return setUserDisabled(this.database, request)
  }

  setInstanceOwner(userId: string): Promise<boolean> {
    return setInstanceOwner(this.database, userId)
  }

  queueMail(mail: accounts.NewMail): Promise<void> {
    return queueMail(this.database, mail)
  }

  claimMails(request: Request<'claimMails'>): ReturnType<contract.Store['claimMails']> {
    return claimMails(this.database, request)
  }

  finishMail(request: Request<'finishMail'>): ReturnType<contract.Store['finishMail']> {
    return finishMail(this.database, request)
  }

  retryMail(request: Request<'retryMail'>): ReturnType<contract.Store['retryMail']> {
    return retryMail(this.database, request)
  }
}
