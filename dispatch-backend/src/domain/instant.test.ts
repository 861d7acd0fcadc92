import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatInstant } from '../clock.js'
import { parseInstant } from './instant.js'

const FIRST_MS = 0
const LAST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999)
const instants = fc.integer({ min: FIRST_MS, max: LAST_MS })

describe('parseInstant', () => {
  it.each([
    ['2026-06-13T09:30:00Z', '2026-06-13T09:30:00.000Z'],
    ['2026-06-13T09:30:00.5Z', '2026-06-13T09:30:00.500Z'],
    ['2026-06-13T09:30:00.123Z', '2026-06-13T09:30:00.123Z'],
    ['2026-06-13T09:30:00.123000000Z', '2026-06-13T09:30:00.123Z'],
    ['2026-06-13T09:30:00.123000001Z', '2026-06-13T09:30:00.124Z'],
    ['2026-06-13T09:30:00.000000001Z', '2026-06-13T09:30:00.001Z'],
    ['2026-12-31T23:59:59.9990001Z', '2027-01-01T00:00:00.000Z'],
    ['2028-02-29T00:00:00Z', '2028-02-29T00:00:00.000Z'],
    ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('reads %s', (text, expected) => {
    const parsed = parseInstant(text)
    expect(parsed.ok && formatInstant(parsed.epochMs)).toBe(expected)
  })

  it.each([
    ['2026-06-13T09:30:00+05:30', 'offsets are not accepted'],
    ['2026-06-13T09:30:00+00:00', 'offsets are not accepted'],
    ['2026-06-13T09:30:00-0800', 'offsets are not accepted'],
    ['2026-06-13t09:30:00Z', 'capital'],
    ['2026-06-13T09:30:00z', 'capital'],
    ['2026-06-13T09:30:00', 'trailing Z is missing'],
    ['2026-06-13 09:30:00Z', 'joined by a capital T'],
    ['2026-06-13', 'time of day'],
    ['2026-06-13T09:30Z', 'seconds are missing'],
    ['2026-06-13T09:30:00.0000000001Z', 'at most 9'],
    ['2026-06-13T09:30:00.Z', 'must look like'],
    ['2031-02-30T00:00:00Z', 'month 2 of 2031 has no day 30'],
    ['2027-02-29T00:00:00Z', 'no day 29'],
    ['2100-02-29T00:00:00Z', 'no day 29'],
    ['2026-04-31T00:00:00Z', 'no day 31'],
    ['2026-00-10T00:00:00Z', 'no month 0'],
    ['2026-13-10T00:00:00Z', 'no month 13'],
    ['2026-01-00T00:00:00Z', 'no day 0'],
    ['2026-01-01T24:00:00Z', 'hour'],
    ['2026-01-01T00:60:00Z', 'minute'],
    ['2026-12-31T23:59:60Z', 'leap seconds'],
    ['2026-12-31T23:59:61Z', 'second must be'],
    ['1969-12-31T23:59:59Z', '1970 to 9999'],
    ['9999-12-31T23:59:59.9991Z', '1970 to 9999'],
    ['+12026-01-01T00:00:00Z', 'must look like'],
    ['1781343000', 'must look like'],
    ['', 'must look like'],
    ['2026-06-13T09:30:00Z\n', 'must look like'],
    ['２０２６-06-13T09:30:00Z', 'must look like'],
  ])('refuses %s in words', (text, problem) => {
    const parsed = parseInstant(text)
    expect(parsed.ok ? 'accepted' : parsed.problem).toContain(problem)
  })

  it('reads back every instant that we write', () => {
    fc.assert(
      fc.property(instants, (epochMs) => {
        expect(parseInstant(formatInstant(epochMs))).toEqual({ ok: true, epochMs })
      }),
    )
  })

  it('rounds up: never before what was asked, and less than a millisecond after it', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: LAST_MS - 1000 }),
        fc.nat(999_999_999),
        fc.integer({ min: 1, max: 9 }),
        (ms, nanos, digits) => {
          const second = Math.floor(ms / 1000) * 1000
          const fraction = nanos.toString().padStart(9, '0').slice(0, digits)
          const parsed = parseInstant(`${formatInstant(second).slice(0, 19)}.${fraction}Z`)
          const askedNanos = BigInt(second) * 1_000_000n + BigInt(fraction.padEnd(9, '0'))
          const gotNanos = BigInt(parsed.ok ? parsed.epochMs : -1) * 1_000_000n
          expect(gotNanos >= askedNanos && gotNanos - askedNanos < 1_000_000n).toBe(true)
        },
      ),
    )
  })

  it('accepts exactly the dates that exist', () => {
    const two = (value: number): string => value.toString().padStart(2, '0')
    fc.assert(
      fc.property(fc.integer({ min: 1970, max: 9999 }), fc.nat(13), fc.nat(32), (year, month, day) => {
        const date = new Date(Date.UTC(year, month - 1, day))
        const exists = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day
        expect(parseInstant(`${year}-${two(month)}-${two(day)}T00:00:00Z`).ok).toBe(exists)
      }),
    )
  })

  it('never throws and is never fooled by other text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const parsed = parseInstant(text)
        if (parsed.ok) expect(formatInstant(parsed.epochMs).slice(0, 19)).toBe(text.slice(0, 19))
      }),
    )
  })
})
