/** Where the demo is shown: redrawn in place on a terminal, or as lines that scroll by. */
import type { Clock, Timer } from '../../clock.js'
import type { Paint } from '../jobs/table.js'
import type { DemoJob } from './progress.js'
import { stepsOf } from './progress.js'
import { burstRow, plainRow, renderScreen, rowOf, type ScreenState } from './screen.js'

export interface Display {
  changed(one: DemoJob): void
  /** Shows the last state and gives the terminal back. */
  close(): void
}

export interface DisplayOptions {
  readonly stdout: NodeJS.WriteStream
  readonly paint: Paint
  readonly clock: Clock
  readonly state: () => ScreenState
}

const REDRAW_MS = 100
const HIDE_CURSOR = '\u001b[?25l'
const SHOW_CURSOR = '\u001b[?25h'
const CLEAR_BELOW = '\u001b[0J'
const CLEAR_ALL = '\u001b[H\u001b[2J'
/** Terminals that do not tell. */
const USUAL_WIDTH = 80

/** The whole picture again and again, in the same place. */
export class LiveDisplay implements Display {
  readonly #options: DisplayOptions
  readonly #onResize = (): void => this.#restart()
  #height = 0
  #timer: Timer | undefined

  constructor(options: DisplayOptions) {
    this.#options = options
    options.stdout.write(HIDE_CURSOR)
    options.stdout.on('resize', this.#onResize)
    // A cursor that stays hidden outlives us: also after a second Ctrl-C.
    process.once('exit', this.#showCursor)
    this.#tick()
  }

  changed(): void {
    // The next tick shows it.
  }

  close(): void {
    this.#timer?.cancel()
    this.#draw()
    this.#options.stdout.off('resize', this.#onResize)
    process.off('exit', this.#showCursor)
    this.#showCursor()
  }

  readonly #showCursor = (): void => {
    this.#options.stdout.write(SHOW_CURSOR)
  }

  #tick(): void {
    this.#draw()
    this.#timer = this.#options.clock.setTimer(REDRAW_MS, () => this.#tick())
  }

  #draw(): void {
    const { stdout, paint, state } = this.#options
    const lines = renderScreen(state(), { width: stdout.columns || USUAL_WIDTH, paint })
    const up = this.#height === 0 ? '' : `\u001b[${this.#height}A`
    this.#height = lines.length
    stdout.write(`${up}\r${CLEAR_BELOW}${lines.join('\n')}\n`)
  }

  /** The terminal has folded our lines anew: where they begin is no longer known. */
  #restart(): void {
    this.#options.stdout.write(CLEAR_ALL)
    this.#height = 0
    this.#draw()
  }
}

/** A line for each change of a job; three for the burst. */
export class LineDisplay implements Display {
  readonly #options: DisplayOptions
  readonly #startedAtMs: number
  #burstPhase = 'none'

  constructor(options: DisplayOptions) {
    this.#options = options
    this.#startedAtMs = options.clock.wallMs()
    this.#print(options.state().heading)
  }

  changed(one: DemoJob): void {
    const { state, paint } = this.#options
    const { burst, nowMs } = state()
    if (!burst.includes(one)) this.#line(plainRow(rowOf(one, nowMs), paint))
    else if (this.#enterPhase(burst)) this.#line(plainRow(burstRow(burst, nowMs), paint))
  }

  close(): void {
    // Everything has been printed.
  }

  /** True when the burst as a whole has come further: all scheduled, the first fires, all over. */
  #enterPhase(burst: readonly DemoJob[]): boolean {
    const last = burst.map((one) => stepsOf(one).at(-1))
    const isOver = (step: unknown): boolean => step !== undefined && step !== 'SCHEDULED' && step !== 'FIRING'
    const phase = last.includes(undefined)
      ? 'none'
      : last.every((step) => step === 'SCHEDULED')
        ? 'scheduled'
        : last.every(isOver)
          ? 'over'
          : 'firing'
    const isNew = phase !== this.#burstPhase
    this.#burstPhase = phase
    return isNew && phase !== 'none'
  }

  #line(row: string): void {
    const seconds = (this.#options.clock.wallMs() - this.#startedAtMs) / 1_000
    this.#print(`${`${seconds.toFixed(2)} s`.padStart(8)}  ${row}`)
  }

  #print(line: string): void {
    this.#options.stdout.write(`${line}\n`)
  }
}

/** In place where that is possible: on a terminal that can move its cursor and is high enough for the whole picture. */
export function chooseDisplay(options: DisplayOptions, { plain }: { plain: boolean }): Display {
  const { stdout, paint, state } = options
  const width = stdout.columns || USUAL_WIDTH
  const isLive = stdout.isTTY && !plain && renderScreen(state(), { width, paint }).length < stdout.rows
  return isLive ? new LiveDisplay(options) : new LineDisplay(options)
}
