import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { INSTANT_PRESETS, instantOf, inZone, toInstantText } from './instant-text'

// Node has no other tabs that could change the settings.
vi.hoisted(() => vi.stubGlobal('addEventListener', () => undefined))

beforeAll(() => vi.stubEnv('TZ', 'Europe/Berlin'))
afterAll(() => vi.unstubAllEnvs())

const NOON = Date.UTC(2026, 5, 13, 12)

test('the same instant in both zones', () => {
  expect(toInstantText(NOON, 'utc')).toEqual({ text: '2026-06-13T12:00', zone: 'utc' })
  expect(toInstantText(NOON, 'local')).toEqual({ text: '2026-06-13T14:00', zone: 'local' })
  expect(inZone({ text: '2026-06-13T12:00', zone: 'utc' }, 'local')).toEqual({
    text: '2026-06-13T14:00',
    zone: 'local',
  })
})

test.each([0, 1, 1000, 61_001])('keeps what the shortest text can say: + %d ms', (more) => {
  for (const zone of ['utc', 'local'] as const) expect(instantOf(toInstantText(NOON + more, zone))).toBe(NOON + more)
})

test.each(['', '2026-06-13', '2026-13-01T00:00', '12026-06-13T12:00', 'tomorrow'])('%j is no instant', (text) => {
  expect(instantOf({ text, zone: 'utc' })).toBeNull()
  expect(inZone({ text, zone: 'utc' }, 'local')).toEqual({ text, zone: 'local' })
})

test('tomorrow at nine is meant in the zone', () => {
  const { at } = INSTANT_PRESETS.find(({ label }) => label.startsWith('Tomorrow'))!
  // In Berlin it is already the 14th.
  const lateEvening = Date.UTC(2026, 5, 13, 23)
  expect(new Date(at(lateEvening, 'utc')).toISOString()).toBe('2026-06-14T09:00:00.000Z')
  expect(new Date(at(lateEvening, 'local')).toISOString()).toBe('2026-06-15T07:00:00.000Z')
})
