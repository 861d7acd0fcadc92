import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { AttemptFact } from '../store/stats-store.js'
import { MAX_ENDPOINTS } from './counts.js'
import { Tallies } from './tallies.js'
import { MINUTE_MS } from './widths.js'

const facts = fc
  .array(
    fc.record({
      madeAtMs: fc.integer({ min: 0, max: 2 * MINUTE_MS }),
      projectId: fc.constantFrom('a', 'b'),
      endpoint: fc.nat({ max: MAX_ENDPOINTS + 5 }).map((host) => `https://${host}.example.com`),
      status: fc.constantFrom('SUCCESS', 'FAILED', 'INTERRUPTED'),
      latenessMs: fc.option(fc.nat({ max: 1_000 })),
    }),
    { maxLength: 300 },
  )
  .map((all) => all.map((one, index): AttemptFact => ({ ...one, ...rest(index, one.status) })))

function rest(index: number, status: AttemptFact['status']) {
  const id = String(index).padStart(6, '0')
  return { id, firedAtMs: index, error: status === 'FAILED' ? `error ${id}` : null }
}

function tally(pages: readonly (readonly AttemptFact[])[]): Tallies {
  const tallies = new Tallies()
  for (const page of pages) tallies.add(page)
  return tallies
}

it('comes to the same in pages of any size as all at once', () => {
  fc.assert(
    fc.property(facts, fc.integer({ min: 1, max: 50 }), (all, size) => {
      const pages = Array.from({ length: Math.ceil(all.length / size) }, (_, page) =>
        all.slice(page * size, (page + 1) * size),
      )
      expect(tally(pages).minutes()).toEqual(tally([all]).minutes())
    }),
  )
})

it('counts each attempt once, for its project and minute', () => {
  fc.assert(
    fc.property(facts, (all) => {
      for (const { projectId, minuteMs, counts } of tally([all]).minutes()) {
        const own = all.filter(
          (fact) => fact.projectId === projectId && fact.madeAtMs - minuteMs < MINUTE_MS && fact.madeAtMs >= minuteMs,
        )
        const number = (status: AttemptFact['status']): number => own.filter((fact) => fact.status === status).length
        expect(counts).toMatchObject({
          succeeded: number('SUCCESS'),
          failed: number('FAILED'),
          interrupted: number('INTERRUPTED'),
        })
        const late = own.flatMap(({ latenessMs }) => latenessMs ?? [])
        expect(counts.lateness.maxMs).toBe(late.length === 0 ? null : Math.max(...late))
        expect(counts.isCut).toBe(new Set(own.map(({ endpoint }) => endpoint)).size > MAX_ENDPOINTS)
        expect(counts.failureIds).toEqual(
          own
            .filter(({ status }) => status === 'FAILED')
            .map(({ id }) => id)
            .toReversed()
            .slice(0, 10),
        )
      }
    }),
  )
})
