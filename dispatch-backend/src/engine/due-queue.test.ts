import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { DueJob } from '../store/store.js'
import { DueQueue } from './due-queue.js'

function job(id: string, dueAtMs: number, projectId = 'p', endpoint = 'http://a:80'): DueJob {
  return { id, dueAtMs, projectId, endpoint, payloadBytes: 2 }
}

function drain(queue: DueQueue): DueJob[] {
  const popped: DueJob[] = []
  for (let next = queue.pop(Infinity); next; next = queue.pop(Infinity)) popped.push(next)
  return popped
}

describe('DueQueue', () => {
  it('gives jobs in the order of due time, then id', () => {
    const jobs = fc.uniqueArray(fc.record({ id: fc.uuid(), dueAtMs: fc.integer({ min: 0, max: 20 }) }), {
      selector: (j) => j.id,
    })
    fc.assert(
      fc.property(jobs, (list) => {
        const queue = new DueQueue({ capacity: 1_000, shares: 1 })
        for (const { id, dueAtMs } of list) queue.add(job(id, dueAtMs))
        const expected = [...list].sort((a, b) => a.dueAtMs - b.dueAtMs || (a.id < b.id ? -1 : 1))
        expect(drain(queue).map(({ id }) => id)).toEqual(expected.map(({ id }) => id))
      }),
    )
  })

  it('agrees with a plain list under any sequence of operations', () => {
    const operation = fc.oneof(
      fc.record({
        kind: fc.constant('add' as const),
        id: fc.integer({ min: 0, max: 15 }),
        dueAtMs: fc.integer({ min: 0, max: 9 }),
        project: fc.integer({ min: 0, max: 2 }),
      }),
      fc.record({ kind: fc.constant('pop' as const), untilMs: fc.integer({ min: 0, max: 9 }) }),
      fc.record({ kind: fc.constant('drop' as const), nth: fc.nat(5) }),
    )
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 80 }), (operations) => {
        const queue = new DueQueue({ capacity: 8, shares: 2 })
        const waiting = new Map<string, DueJob>()
        const popped: DueJob[] = []
        for (const step of operations) {
          if (step.kind === 'add') {
            const next = job(`id-${step.id}`, step.dueAtMs, `project-${step.project}`)
            const held = waiting.get(next.id) ?? popped.find(({ id }) => id === next.id)
            const others = [...waiting.values(), ...popped].filter(({ id }) => id !== next.id)
            const isSame = held?.dueAtMs === next.dueAtMs
            const fits =
              others.length < 8 &&
              others.filter(({ projectId }) => projectId === next.projectId).length < Math.min(4, 8 - others.length)
            expect(queue.add(next)).toBe(isSame || fits)
            if (!isSame) {
              waiting.delete(next.id)
              if (held && popped.includes(held)) popped.splice(popped.indexOf(held), 1)
              if (fits) waiting.set(next.id, next)
            }
          } else if (step.kind === 'pop') {
            const first = [...waiting.values()].sort((a, b) => a.dueAtMs - b.dueAtMs || (a.id < b.id ? -1 : 1))[0]
            const expected = first && first.dueAtMs <= step.untilMs ? first : undefined
            expect(queue.pop(step.untilMs)).toBe(expected)
            if (expected) {
              waiting.delete(expected.id)
              popped.push(expected)
            }
          } else {
            const [dropped] = popped.splice(step.nth, 1)
            if (dropped) queue.drop(dropped)
          }
          expect(queue.size).toBe(waiting.size + popped.length)
        }
      }),
    )
  })

  it('lets no project and no endpoint hold more than its share, and names them', () => {
    const queue = new DueQueue({ capacity: 16, shares: 4 })
    for (let n = 0; n < 4; n += 1) expect(queue.add(job(`a${n}`, n, 'greedy', `http://h${n}:80`))).toBe(true)
    expect(queue.add(job('a4', 4, 'greedy', 'http://h4:80'))).toBe(false)
    expect(queue.fullProjects()).toEqual(['greedy'])
    expect(queue.add(job('b', 5, 'modest'))).toBe(true)

    queue.drop(queue.pop(Infinity)!)
    expect(queue.fullProjects()).toEqual([])
    expect(queue.add(job('a4', 4, 'greedy', 'http://h4:80'))).toBe(true)
  })

  it('keeps a place for the next project, however many take all they can', () => {
    const queue = new DueQueue({ capacity: 64, shares: 8 })
    for (let project = 0; project < 8; project += 1) {
      for (let n = 0; queue.add(job(`${project}-${n}`, n, `greedy-${project}`, `http://h${n}:80`)); n += 1);
    }
    expect(queue.room).toBeGreaterThan(0)
    expect(queue.add(job('modest', 5, 'modest'))).toBe(true)
    expect(queue.fullProjects()).toContain('greedy-7')
  })

  it('names full endpoints with their project', () => {
    const queue = new DueQueue({ capacity: 8, shares: 4 })
    queue.add(job('a', 1, 'one', 'http://[::1]:80'))
    queue.add(job('b', 1, 'one', 'http://[::1]:80'))
    expect(queue.fullEndpoints()).toEqual([['one', 'http://[::1]:80']])
  })

  it('no longer holds a popped entry whose job was added again for another time', () => {
    const queue = new DueQueue({ capacity: 8, shares: 1 })
    queue.add(job('a', 10))
    const popped = queue.pop(Infinity)!
    expect(queue.holds(popped)).toBe(true)
    queue.add(job('a', 20))
    expect(queue.holds(popped)).toBe(false)
    queue.drop(popped)
    expect(queue.pop(Infinity)).toEqual(job('a', 20))
  })

  it('takes a moved job at its new time only', () => {
    const queue = new DueQueue({ capacity: 8, shares: 1 })
    queue.add(job('a', 10))
    queue.add(job('a', 5))
    expect(queue.nextDueMs).toBe(5)
    expect(drain(queue).map(({ dueAtMs }) => dueAtMs)).toEqual([5])
  })
})
