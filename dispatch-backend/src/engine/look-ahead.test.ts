import { beforeEach, describe, expect, it } from 'vitest'
import { Events } from '../events.js'
import { DatabaseAwayError, type DuePage, type DueQuery, type EngineStore } from '../store/store.js'
import { newJob } from '../store/conformance/subject.js'
import { DatabaseLink } from './database-link.js'
import { DueQueue } from './due-queue.js'
import { EngineClock } from './engine-clock.js'
import { LOOK_AHEAD_MS, READ_PAGE, SCAN_PAGE } from './limits.js'
import { Backlog, LookAhead, type LookAheadOptions } from './look-ahead.js'
import { MemoryStore } from './simulation/memory-store.js'
import { SimProcess, World } from './simulation/world.js'

const never = new AbortController().signal

describe('looking ahead', () => {
  let world: World
  let memory: MemoryStore
  let queue: DueQueue
  let queries: DueQuery[]
  let answers: DuePage[]
  let failNextRead: boolean
  let options: LookAheadOptions

  beforeEach(() => {
    world = new World(1)
    const { clock } = new SimProcess(world, { wallOffsetMs: 0 })
    const newId = (): string => world.newId()
    memory = new MemoryStore({ nowMs: () => world.nowMs, newId, singleEngine: true, sharesHostClock: true })
    queue = new DueQueue({ capacity: 4_000, shares: 2 })
    queries = []
    answers = []
    failNextRead = false
    const readDue: EngineStore['readDue'] = (query) => {
      queries.push(query)
      if (!failNextRead) {
        answers.push(memory.readDue(query))
        return Promise.resolve(answers.at(-1)!)
      }
      failNextRead = false
      return Promise.reject(new DatabaseAwayError('away'))
    }
    options = {
      store: { readDue } as EngineStore,
      link: new DatabaseLink({ clock, events: new Events(), random: Math.random }),
      engineClock: new EngineClock(clock, { sharesHostClock: true }),
      queue,
      share: () => ({ index: 0, count: 1 }),
      onArmed: () => undefined,
    }
  })

  /** Jobs of one project, each on an endpoint of its own, due `inMs` from now and each a millisecond later. */
  function create(count: number, inMs: number, projectId = 'project'): void {
    const jobs = Array.from({ length: count }, (_, n) =>
      newJob(
        { projectId, apiKeyId: 'key' },
        { id: world.newId(), endpoint: `http://host-${n}:80`, fireAtMs: world.nowMs + inMs + n, nowMs: world.nowMs },
      ),
    )
    memory.createJobs(jobs)
  }

  describe('LookAhead', () => {
    it('arms what falls due within the window, over several pages, and nothing beyond', async () => {
      create(1_500, 100)
      create(5, LOOK_AHEAD_MS + 10)
      await new LookAhead(options).run(never)
      expect(queue.size).toBe(1_500)
      expect(queries).toHaveLength(2)
    })

    it('goes on where the last pass ended', async () => {
      const lookAhead = new LookAhead(options)
      await lookAhead.run(never)
      world.nowMs += 1_000
      await lookAhead.run(never)
      expect(queries[1]!.fromMs).toBe(queries[0]!.untilMs)
    })

    it('reads the window again after a pass that failed', async () => {
      create(3, 500)
      const lookAhead = new LookAhead(options)
      failNextRead = true
      await expect(lookAhead.run(never)).rejects.toThrow(DatabaseAwayError)
      world.nowMs += 1_000
      await lookAhead.run(never)
      expect(queue.size).toBe(3)
    })

    it('comes back for what it had to refuse, once there is room', async () => {
      create(2_500, 100)
      const lookAhead = new LookAhead(options)
      await lookAhead.run(never)
      expect(queue.size).toBe(2_000)
      create(10, 100, 'other project')
      for (let job = queue.pop(Infinity); job && queue.size > 1_000; job = queue.pop(Infinity)) {
        memory.cancelJobs([{ id: job.id, scope: { kind: 'user', userId: 'u' }, retrying: false, nowMs: world.nowMs }])
        queue.drop(job)
      }
      await lookAhead.run(never)
      const left = [...memory.jobs.values()].filter(({ status }) => status === 'SCHEDULED').length
      expect(queue.size).toBe(left)
    })

    it('reads the window again when told to', async () => {
      const lookAhead = new LookAhead(options)
      await lookAhead.run(never)
      create(1, 500)
      lookAhead.reset()
      await lookAhead.run(never)
      expect(queue.size).toBe(1)
    })
  })

  describe('Backlog', () => {
    it('takes overdue jobs up at the catch-up rate, oldest first', async () => {
      create(300, -60_000)
      const backlog = new Backlog({ ...options, catchUpRate: 100 })
      await backlog.run(never)
      expect(queue.size).toBe(100)
      expect(queue.nextDueMs).toBe(Math.min(...[...memory.jobs.values()].map(({ fireAtMs }) => fireAtMs)))
      world.nowMs += 500
      await backlog.run(never)
      expect(queue.size).toBe(150)
    })

    it('passes by what is held already, and leaves alone what is on time', async () => {
      create(1_200, -60_000)
      create(5, -100)
      const backlog = new Backlog({ ...options, catchUpRate: 0 })
      await backlog.run(never)
      await backlog.run(never)
      expect(queue.size).toBe(1_200)
    })

    it('goes on behind what it may not take, a stretch in each pass, and begins again at the oldest', async () => {
      // The first page is answered before the share is full.
      create(READ_PAGE + 5 * SCAN_PAGE, -900_000, 'large')
      create(1, -60_000, 'behind it all')
      const backlog = new Backlog({ ...options, queue: new DueQueue({ capacity: 4_000, shares: 8 }), catchUpRate: 0 })
      const armed: string[][] = []
      for (let pass = 0; pass < 3; pass += 1) {
        answers = []
        await backlog.run(never)
        armed.push(answers.map(({ jobs, next }) => `${jobs.length} ${next ? 'and on' : 'and over'}`))
      }
      const passedOver = '0 and on'
      expect(armed).toEqual([
        ['1000 and on', passedOver, passedOver, passedOver],
        [passedOver, passedOver, '1 and over'],
        [passedOver, passedOver, passedOver, passedOver],
      ])
      expect(queries.map(({ after }) => after === undefined).indexOf(true, 1)).toBe(7)
    })

    it('takes its own share first, and then what others leave', async () => {
      create(40, -60_000)
      const backlog = new Backlog({ ...options, catchUpRate: 0, share: () => ({ index: 1, count: 4 }) })
      await backlog.run(never)
      expect(queue.size).toBe(40)
      expect(queries.map(({ share }) => share)).toEqual([{ index: 1, count: 4 }, undefined])
    })
  })
})
