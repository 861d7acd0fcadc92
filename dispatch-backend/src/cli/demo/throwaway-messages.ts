/** Between the demo and the thread of its throw-away server. */

export interface ServerSetup {
  /** Settings by name, as in the environment. */
  readonly env: Readonly<Record<string, string>>
}

export type FromServer =
  | { readonly kind: 'ready'; readonly url: string; readonly database: string }
  /** It could not start, in words. */
  | { readonly kind: 'failed'; readonly message: string }
  /** A line of its log, of level ERROR or above. */
  | { readonly kind: 'log'; readonly line: string }
