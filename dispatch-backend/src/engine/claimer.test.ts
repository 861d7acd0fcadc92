import { describe, expect, it } from 'vitest'
import { systemClock } from '../clock.js'
import { Events } from '../events.js'
import { newId, newJob } from '../store/conformance/subject.js'
import {
  DatabaseAwayError,
  type ClaimRequest,
  type ClaimResult,
  type DueJob,
  type EngineStore,
} from '../store/store.js'
import { Claimer, type Claimed } from './claimer.js'
import { DatabaseLink } from './database-link.js'
import { DueQueue, endpointKey } from './due-queue.js'
import { EngineClock } from './engine-clock.js'
import { MemoryStore } from './simulation/memory-store.js'
import { Slots } from './slots.js'

const clock = systemClock

function job(id: string, inMs: number, payloadBytes = 2): DueJob {
  return { id, dueAtMs: clock.wallMs() + inMs, projectId: 'p', endpoint: 'http://host:80', payloadBytes }
}

function setup(options: { total: number; perEndpoint: number }, store: Partial<EngineStore> = {}) {
  const asked: ClaimRequest[] = []
  const claimed: Claimed[] = []
  const waiters: (() => void)[] = []
  const queue = new DueQueue({ capacity: 100, shares: 1 })
  const slots = new Slots({ ...options, clock })
  const claim = (request: ClaimRequest): Promise<ClaimResult> => {
    asked.push(request)
    const rest = { projectId: 'p', title: 't', webhookUrl: 'u', endpoint: 'http://host:80', payload: '{}' }
    const jobs = request.jobs.map(({ id, dueAtMs }) => ({ id, dueAtMs, ...rest, attempt: 1, retryCount: 0 }))
    return Promise.resolve({ jobs, sealedSecrets: { p: ['sealed'] } })
  }
  const claimer = new Claimer({
    clock,
    engineClock: new EngineClock(clock, { sharesHostClock: true }),
    store: { claim, ...store } as EngineStore,
    link: new DatabaseLink({ clock, events: new Events(), random: Math.random }),
    events: new Events(),
    queue,
    slots,
    replicaId: 'replica',
    leaseMs: 60_000,
    inFlightMaxBytes: 1_000,
    newId,
    isHeldUp: () => false,
    onClaimed: (each) => {
      claimed.push(each)
      for (const wake of waiters.splice(0)) wake()
    },
  })
  const claimedCount = async (count: number): Promise<void> => {
    while (claimed.length < count) await new Promise<void>((resolve) => waiters.push(resolve))
  }
  return { asked, claimed, queue, slots, claimer, claimedCount }
}

describe('Claimer', () => {
  it('claims no more than there are slots, and goes on as they free', async () => {
    const { asked, claimed, queue, claimer, claimedCount } = setup({ total: 3, perEndpoint: 2 })
    for (let n = 0; n < 5; n += 1) queue.add(job(`job-${n}`, n - 10))
    claimer.poke()
    await claimedCount(2)
    expect(asked.map(({ jobs }) => jobs.length)).toEqual([2])
    for (let done = 0; done < 5; done += 1) {
      await claimedCount(done + 1)
      claimed[done]!.finish()
    }
    expect(claimed.map(({ job: { id } }) => id)).toEqual(['job-0', 'job-1', 'job-2', 'job-3', 'job-4'])
    await claimer.stop()
  })

  it('claims a job once that was armed for one time, parked, and armed again for another', async () => {
    const { asked, claimed, queue, slots, claimer, claimedCount } = setup({ total: 2, perEndpoint: 1 })
    const blocking = slots.tryTake(endpointKey(job('any', 0)))!
    const before = job('moved', -50)
    queue.add(before)
    queue.add(job('waits too', -40))
    claimer.poke()
    await new Promise((resolve) => setImmediate(resolve))
    const after = { ...before, dueAtMs: before.dueAtMs + 20 }
    queue.add(after)
    blocking.release()
    claimer.poke()
    await claimedCount(1)
    claimed[0]!.finish()
    await claimedCount(2)
    claimed[1]!.finish()
    await claimer.stop()
    expect(asked.flatMap(({ jobs }) => jobs).filter(({ id }) => id === 'moved')).toEqual([
      { id: 'moved', dueAtMs: after.dueAtMs },
    ])
    expect(queue.size).toBe(0)
  })

  it('holds no more payload bytes than it may, and never less than one job', async () => {
    const { asked, claimed, queue, claimer, claimedCount } = setup({ total: 9, perEndpoint: 9 })
    for (let n = 0; n < 6; n += 1) queue.add(job(`job-${n}`, n - 10, n === 5 ? 5_000 : 400))
    claimer.poke()
    for (let done = 0; done < 6; done += 1) {
      await claimedCount(done + 1)
      expect(claimed.length - done).toBeLessThanOrEqual(3)
      claimed[done]!.finish()
    }
    expect(asked[0]!.jobs).toHaveLength(3)
    await claimer.stop()
  })

  it('keeps the id of a claim that it splits, so that an asking whose answer was lost loses no job', async () => {
    const memory = new MemoryStore({ nowMs: () => clock.wallMs(), newId, singleEngine: true, sharesHostClock: true })
    const jobs = Array.from({ length: 5 }, (_, n) =>
      newJob({ projectId: 'p', apiKeyId: 'key' }, { fireAtMs: clock.wallMs() - 10 + n }),
    )
    memory.createJobs(jobs)
    const culprit = jobs[3]!.id
    const asked: ClaimRequest[] = []
    const handedBack: { id: string; claimId: string }[] = []
    const { claimed, queue, claimer, claimedCount } = setup(
      { total: 9, perEndpoint: 9 },
      {
        claim(request) {
          asked.push(request)
          const isUnreadable = request.jobs.some(({ id }) => id === culprit)
          if (asked.length > 1 && isUnreadable) return Promise.reject(new Error('this one cannot be read'))
          const result = memory.claim(request)
          if (asked.length > 1) return Promise.resolve(result)
          return Promise.reject(new DatabaseAwayError('the answer was lost'))
        },
        handBack(claims) {
          handedBack.push(...claims)
          return Promise.resolve(memory.handBack(claims))
        },
      },
    )
    for (const { id, fireAtMs: dueAtMs, projectId, endpoint } of jobs)
      queue.add({ id, dueAtMs, projectId, endpoint, payloadBytes: 2 })
    claimer.poke()
    await claimedCount(4)
    await claimer.stop()
    expect(claimed.map(({ job: { id } }) => id)).toEqual(jobs.map(({ id }) => id).filter((id) => id !== culprit))
    expect(new Set(asked.map(({ claimId }) => claimId))).toEqual(new Set([claimed[0]!.claim.id]))
    expect(handedBack).toEqual([{ id: culprit, claimId: claimed[0]!.claim.id }])
    expect(memory.jobs.get(culprit)).toMatchObject({ status: 'SCHEDULED', attempt: 0 })
    expect(queue.size).toBe(0)
  })

  it('claims ahead of the due time and not long before', async () => {
    const { asked, queue, claimer, claimedCount } = setup({ total: 2, perEndpoint: 2 })
    const soon = job('soon', 120)
    queue.add(soon)
    claimer.poke()
    await claimedCount(1)
    expect(asked[0]!.nowMs).toBeGreaterThanOrEqual(soon.dueAtMs - 50)
    await claimer.stop()
  })
})
