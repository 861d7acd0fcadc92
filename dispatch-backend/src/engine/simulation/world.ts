/**
 * A simulated world: one queue of events in virtual time, and processes that can crash, pause and have wrong clocks. Given
 * the same seed, everything happens in the same order.
 *
 * World time is the database's time. Code of a process only ever runs through `SimProcess.deliver`, so a crashed one never
 * runs again and a paused one runs later.
 */
import { sleepOn, systemClock, utcEpochMs, type Clock } from '../../clock.js'

/** mulberry32 (Tommy Ettinger): small, and good enough to choose faults with. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

interface Event {
  readonly atMs: number
  readonly order: number
  readonly run: () => void
}

/** As Linux tells it. */
const UPTIME_STEP_MS = 10

/** Any instant will do. */
const START_MS = utcEpochMs(2031, 1, 1, 0, 0, 0)

export class World {
  readonly random: () => number
  nowMs = START_MS
  readonly #events: Event[] = []
  #order = 0
  #ids = 0

  constructor(seed: number) {
    this.random = seededRandom(seed)
  }

  /** Whole number in `[min, max]`. */
  int(min: number, max: number): number {
    return min + Math.floor(this.random() * (max - min + 1))
  }

  chance(probability: number): boolean {
    return this.random() < probability
  }

  newId(): string {
    this.#ids += 1
    return `00000000-0000-7000-8000-${this.#ids.toString(16).padStart(12, '0')}`
  }

  after(delayMs: number, run: () => void): void {
    this.#order += 1
    const event = { atMs: this.nowMs + Math.max(0, delayMs), order: this.#order, run }
    let index = this.#events.push(event) - 1
    for (; index > 0;) {
      const parent = (index - 1) >> 1
      if (!isBefore(event, this.#events[parent]!)) break
      this.#events[index] = this.#events[parent]!
      index = parent
    }
    this.#events[index] = event
  }

  /** Runs events in order until `isDone` or `untilMs`; between two of them all promises settle. */
  async run(untilMs: number, isDone: () => boolean): Promise<void> {
    while (this.#events.length > 0 && this.#events[0]!.atMs <= untilMs && !isDone()) {
      const event = this.#removeFirst()
      this.nowMs = event.atMs
      event.run()
      await new Promise<void>((resolve) => systemClock.setTimer(0, resolve))
    }
  }

  #removeFirst(): Event {
    const events = this.#events
    const first = events[0]!
    const last = events.pop()!
    if (events.length === 0) return first
    let index = 0
    for (;;) {
      const left = 2 * index + 1
      if (left >= events.length) break
      const child = left + 1 < events.length && isBefore(events[left + 1]!, events[left]!) ? left + 1 : left
      if (!isBefore(events[child]!, last)) break
      events[index] = events[child]!
      index = child
    }
    events[index] = last
    return first
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)
}

export class SimProcess {
  readonly world: World
  readonly clock: Clock
  /** Until when something was wrong with it that excuses an interrupted attempt. */
  disturbedUntilMs = -Infinity
  isAlive = true
  /** From one step of the wall clock to the next it only goes forward: the latest it was seen to show, of each such stretch. */
  readonly #wallReadings: { untilMs: number; latestMs: number }[] = [{ untilMs: Infinity, latestMs: -Infinity }]
  #pausedUntilMs = 0
  #heldBack: (() => void)[] = []
  #wallOffsetMs: number
  /** The monotonic clock's arrears, from suspensions. */
  #monotonicLostMs = 0

  constructor(world: World, options: { wallOffsetMs: number }) {
    this.world = world
    this.#wallOffsetMs = options.wallOffsetMs
    this.clock = this.#makeClock()
  }

  /** Runs `run` inside the process: now, when it is continued, or never. */
  deliver(run: () => void): void {
    if (!this.isAlive) return
    if (this.world.nowMs < this.#pausedUntilMs) this.#heldBack.push(run)
    else run()
  }

  crash(): void {
    this.isAlive = false
    this.disturb(Infinity)
    this.#heldBack = []
  }

  /** SIGSTOP, or with `suspended` a machine that sleeps: then its monotonic clock stands still too. */
  pause(forMs: number, suspended: boolean): void {
    if (this.world.nowMs < this.#pausedUntilMs) return
    this.disturb(forMs)
    this.#pausedUntilMs = this.world.nowMs + forMs
    if (suspended) this.#monotonicLostMs += forMs
    this.world.after(forMs, () => {
      const heldBack = this.#heldBack
      this.#heldBack = []
      for (const run of heldBack) this.deliver(run)
    })
  }

  disturb(forMs: number): void {
    this.disturbedUntilMs = Math.max(this.disturbedUntilMs, this.world.nowMs + forMs)
  }

  stepWallClock(byMs: number): void {
    this.#wallOffsetMs += byMs
    this.#wallReadings.at(-1)!.untilMs = this.world.nowMs
    this.#wallReadings.push({ untilMs: Infinity, latestMs: -Infinity })
  }

  /** The latest its wall clock was seen to show since `sinceMs` (or a little before): what is on its way may see it set back. */
  latestWallMs(sinceMs: number): number {
    const stretches = this.#wallReadings.filter(({ untilMs }) => untilMs >= sinceMs)
    return Math.max(...stretches.map(({ latestMs }) => latestMs))
  }

  #makeClock(): Clock {
    const { world } = this
    return {
      wallMs: () => {
        const nowMs = Math.floor(world.nowMs + this.#wallOffsetMs)
        this.#wallReadings.at(-1)!.latestMs = nowMs
        return nowMs
      },
      monotonicMs: () => world.nowMs - START_MS - this.#monotonicLostMs,
      uptimeMs: () => UPTIME_STEP_MS * Math.floor((world.nowMs - START_MS) / UPTIME_STEP_MS),
      setTimer: (delayMs, run) => {
        let cancelled = false
        // Real timers are mostly a little late, and now and then a fraction of a millisecond early.
        const errorMs = world.chance(0.1) ? -0.9 : world.random()
        world.after(delayMs <= 0 ? 0 : Math.max(0, delayMs + errorMs), () => {
          this.deliver(() => {
            if (!cancelled) run()
          })
        })
        return { cancel: () => (cancelled = true) }
      },
      sleep(delayMs, signal) {
        return sleepOn(this, delayMs, signal)
      },
    }
  }
}
