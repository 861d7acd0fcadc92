import * as z from 'zod'

/**
 * Text of so many characters (code points), without NUL and lone surrogates: no database of ours stores those. Spaces
 * around it are dropped first.
 */
export function text(min: number, max: number) {
  const expected = `a text of ${min} to ${max} characters`
  return z
    .string({ error: expected })
    .trim()
    .regex(new RegExp(`^[^\\0\\p{Cs}]{${min},${max}}$`, 'u'), { error: expected })
}

export function wholeNumber(min: number, max: number) {
  const expected = `a whole number from ${min} to ${max}`
  return z.int({ error: expected }).min(min, { error: expected }).max(max, { error: expected })
}

/** UTC with milliseconds and `Z`: how every instant is answered. */
export const isoInstant = z.iso.datetime({ precision: 3 })
