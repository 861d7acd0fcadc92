/**
 * The part of the store contract that is about the projects' echoes; the rules at the head of `store.ts` hold here too.
 */

export interface EchoStore {
  /** Null before it was stored for the first time. */
  getEcho(projectId: string): Promise<Echo | null>
  /** Stores an echo, or changes what is given of the one that is there; answers what it is then. */
  saveEcho(request: SaveEcho): Promise<Echo>
  /** Gives it another token; the one before opens nothing any more. Null when there is no echo. */
  rotateEcho(request: { projectId: string; token: EchoToken; nowMs: number }): Promise<Echo | null>
  /** The enabled echo with that token, of a project that is not deleted. */
  findEcho(tokenHash: string): Promise<Echo | null>
  /**
   * Keeps a request, and of its project only the newest `keep`. False, and nothing is kept, when no enabled echo has that
   * token any more.
   */
  addEchoRequest(request: NewEchoRequest): Promise<boolean>
  /** Newest first. */
  listEchoRequests(projectId: string): Promise<EchoRequestItem[]>
  getEchoRequest(request: { projectId: string; id: string }): Promise<EchoRequest | null>
  /** Answers how many there were. */
  clearEchoRequests(projectId: string): Promise<number>
}

export interface EchoAnswer {
  readonly status: number
  readonly delayMs: number
  readonly contentType: string
  readonly body: string
}

/** Of an echo that was told nothing yet. */
export const STANDARD_ANSWER: EchoAnswer = {
  status: 200,
  delayMs: 0,
  contentType: 'application/json',
  body: '{"received":true}',
}

export interface EchoToken {
  /** SHA-256 of the token. */
  readonly tokenHash: string
  /** Encrypted by the caller; the store never sees the token. */
  readonly sealedToken: string
}

export interface Echo extends EchoToken {
  readonly projectId: string
  readonly isEnabled: boolean
  readonly answer: EchoAnswer
}

export interface SaveEcho {
  readonly projectId: string
  /** Of an echo that is not there yet. */
  readonly token: EchoToken
  readonly isEnabled?: boolean | undefined
  /** What is left out stays as it is. */
  readonly answer: { readonly [Name in keyof EchoAnswer]?: EchoAnswer[Name] | undefined }
  readonly nowMs: number
}

/** `summary` and `detail` are JSON that the store does not look into. */
export interface EchoRequestItem {
  readonly id: string
  readonly receivedAtMs: number
  readonly summary: string
}

export interface EchoRequest extends EchoRequestItem {
  readonly detail: string
}

export interface NewEchoRequest extends EchoRequest {
  readonly projectId: string
  readonly tokenHash: string
  readonly keep: number
}
