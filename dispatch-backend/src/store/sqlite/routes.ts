/** Which worker thread runs a verb, and how urgent it is there. */
import type { Store } from '../store.js'

export type Lane = 'writer' | 'reader'

/** Most urgent first. A claim is due now; a record frees a slot; a caller waits for a create. */
export const PRIORITIES = ['claim', 'record', 'create', 'other'] as const
export type Priority = (typeof PRIORITIES)[number]

export type Verb = Exclude<keyof Store, 'capabilities' | 'close'>

export interface Route {
  readonly lane: Lane
  readonly priority: Priority
}

const write = (priority: Priority): Route => ({ lane: 'writer', priority })
const read = (priority: Priority): Route => ({ lane: 'reader', priority })

/**
 * Every verb. Reads go beside the writer: the write-ahead log shows them each transaction that was answered before they
 * began. A verb that writes must not stand under `read`: that connection refuses it.
 */
export const ROUTES: Readonly<Record<Verb, Route>> = {
  heartbeat: write('claim'),
  claim: write('claim'),
  handBack: write('claim'),
  recordAttempts: write('record'),
  releaseExpired: write('record'),
  createJobs: write('create'),
  cancelJobs: write('create'),
  settingOrInsert: write('other'),
  purgeExpired: write('other'),
  purgeDeleted: write('other'),
  removeReplica: write('other'),
  createUser: write('other'),
  createSession: write('other'),
  touchSession: write('other'),
  endSession: write('other'),
  createProject: write('other'),
  renameProject: write('other'),
  markProjectDeleted: write('other'),
  createApiKey: write('other'),
  revokeApiKey: write('other'),
  touchApiKeys: write('other'),
  rotateSigningSecret: write('other'),
  saveEcho: write('other'),
  rotateEcho: write('other'),
  addEchoRequest: write('other'),
  clearEchoRequests: write('other'),
  storeRegistration: write('other'),
  confirmRegistration: write('other'),
  issueProof: write('other'),
  tryCode: write('other'),
  resetPassword: write('other'),
  renameUser: write('other'),
  changeEmail: write('other'),
  changePassword: write('other'),
  endSessions: write('other'),
  deleteAccount: write('other'),
  setUserDisabled: write('other'),
  setInstanceOwner: write('other'),
  queueMail: write('other'),
  claimMails: write('other'),
  finishMail: write('other'),
  retryMail: write('other'),
  deleteFinished: write('other'),
  takeLease: write('other'),
  writeStatsBuckets: write('other'),
  finishStats: write('other'),
  purgeStats: write('other'),

  ping: read('claim'),
  readDue: read('claim'),
  findApiKey: read('record'),
  findSession: read('record'),
  getJob: read('create'),
  findReplay: read('create'),
  findUserByEmail: read('create'),
  findRegistration: read('create'),
  hasInstanceOwner: read('create'),
  listSessions: read('create'),
  listUsers: read('create'),
  listOrganizations: read('create'),
  listProjects: read('create'),
  getProject: read('create'),
  listApiKeys: read('create'),
  listSigningSecrets: read('create'),
  getEcho: read('create'),
  findEcho: read('create'),
  listEchoRequests: read('create'),
  getEchoRequest: read('create'),
  findReachableProjects: read('create'),
  readJobStates: read('create'),
  // Counts over many rows.
  accountContents: read('other'),
  listJobs: read('other'),
  exportJobs: read('other'),
  findFinished: read('other'),
  countFinished: read('other'),
  countStates: read('other'),
  countDue: read('other'),
  readAttemptFacts: read('other'),
  findNextAttemptMs: read('other'),
  readFailures: read('other'),
  readStatsProgress: read('other'),
  readStatsBuckets: read('other'),
  sumStatsBuckets: read('other'),
  readRecentChanges: read('other'),
}
