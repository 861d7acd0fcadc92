/**
 * Instants as callers write them: RFC 3339 in UTC, capital `T` and `Z`, years 1970 to 9999, one to nine fraction digits.
 * `Date.parse` is not asked: V8 turns 30 February into 2 March, and takes much that no one means.
 */
import { utcEpochMs } from '../clock.js'

export type ParsedInstant =
  | { readonly ok: true; readonly epochMs: number }
  /** What is wrong with it, in words. */
  | { readonly ok: false; readonly problem: string }

const EXAMPLE = '2026-06-13T09:30:00Z'
const SHAPE = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?Z$/
/** Likely mistakes, the first that fits is named. All are linear: no repetition is nested. */
const MISTAKES: readonly (readonly [RegExp, string])[] = [
  [/\d[+-]\d{2}:?\d{2}$/, 'offsets are not accepted; convert it to UTC and end it with Z'],
  [new RegExp(SHAPE.source, 'i'), 'T and Z must be capital letters'],
  [/^\d{4}-\d{2}-\d{2}$/, 'the time of day is missing'],
  [/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}Z?$/, 'the seconds are missing'],
  [/\.\d{10,}Z?$/, 'at most 9 fraction digits are accepted'],
  [/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d*)?$/, 'the trailing Z is missing'],
  [/^\d{4}-\d{2}-\d{2} /, 'date and time must be joined by a capital T'],
]
const MAX_TEXT = 64
const LAST_MS = utcEpochMs(9999, 12, 31, 23, 59, 59) + 999

/** Parses an instant; a fraction finer than a millisecond is rounded up, so that nothing fires before it. */
export function parseInstant(text: string): ParsedInstant {
  if (text.length > MAX_TEXT) return wrong(`it must look like ${EXAMPLE}`)
  const match = SHAPE.exec(text)
  if (!match) return wrong(MISTAKES.find(([shape]) => shape.test(text))?.[1] ?? `it must look like ${EXAMPLE}`)
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as SixNumbers
  const problem = calendarProblem(year, month, day) ?? timeProblem(hour, minute, second)
  if (problem !== undefined) return wrong(problem)
  const epochMs = utcEpochMs(year, month, day, hour, minute, second) + millisecondsUp(match[7] ?? '')
  return epochMs > LAST_MS ? wrong('it must lie in the years 1970 to 9999') : { ok: true, epochMs }
}

type SixNumbers = [number, number, number, number, number, number]

function wrong(problem: string): ParsedInstant {
  return { ok: false, problem }
}

function calendarProblem(year: number, month: number, day: number): string | undefined {
  if (year < 1970) return 'it must lie in the years 1970 to 9999'
  if (month < 1 || month > 12) return `there is no month ${month}`
  if (day < 1 || day > daysIn(year, month)) return `month ${month} of ${year} has no day ${day}`
  return undefined
}

function timeProblem(hour: number, minute: number, second: number): string | undefined {
  if (hour > 23) return 'the hour must be 00 to 23'
  if (minute > 59) return 'the minute must be 00 to 59'
  if (second === 60) return 'leap seconds are not accepted; use second 59 or the next minute'
  if (second > 60) return 'the second must be 00 to 59'
  return undefined
}

function daysIn(year: number, month: number): number {
  if (month === 2) return isLeapYear(year) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

function isLeapYear(year: number): boolean {
  return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
}

/** Up to nine fraction digits as milliseconds, rounded up: 0 to 1000. */
function millisecondsUp(fraction: string): number {
  return Math.ceil(Number(fraction.padEnd(9, '0')) / 1_000_000)
}
