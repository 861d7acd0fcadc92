export type FindingCode =
  | 'valid'
  | 'old-secret'
  | 'headers-missing'
  | 'header-missing'
  | 'header-renamed'
  | 'header-twice'
  | 'header-malformed'
  | 'header-changed'
  | 'other-delivery'
  | 'one-signature'
  | 'body-changed'
  | 'body-cut'
  | 'body-encoded'
  | 'wrong-secret'
  | 'clock-skew'
  | 'age'

/** Something to know about the request: `problem` is a reason to refuse it, `note` explains, `ok` is as it should be. */
export interface Finding {
  readonly code: FindingCode
  readonly tone: 'problem' | 'note' | 'ok'
  readonly title: string
  readonly text: string
  /** What to do about it. */
  readonly cure?: string
  /** Where what was signed first differs from what is at hand. */
  readonly difference?: Difference
}

export interface Difference {
  /** Offset into the body, from 0, in UTF-16 units. */
  readonly at: number
  readonly signed: string
  readonly given: string
}

const BEFORE = 12
const AFTER = 28

/** Around the first difference; characters that cannot be seen are shown by their escapes. */
export function firstDifference(signed: string, given: string): Difference {
  let at = 0
  while (at < signed.length && signed[at] === given[at]) at += 1
  const around = (text: string): string => {
    const from = Math.max(0, at - BEFORE)
    const cut = text.slice(from, at + AFTER)
    return `${from > 0 ? '…' : ''}${visible(cut)}${at + AFTER < text.length ? '…' : ''}`
  }
  return { at, signed: around(signed), given: around(given) }
}

function visible(text: string): string {
  return text.replaceAll('\r', '\\r').replaceAll('\n', '\\n').replaceAll('\t', '\\t').replaceAll('\ufeff', '\\ufeff')
}
