/** The demo on one screen: lines made of what is known, nothing else. */
import type { Paint } from '../jobs/table.js'
import { latenessesOf, nextDueMs, stepsOf, type DemoJob, type Step } from './progress.js'
import { formatMs, latenessOf } from './lateness.js'

export interface ScreenState {
  readonly heading: string
  readonly named: readonly DemoJob[]
  readonly burst: readonly DemoJob[]
  readonly nowMs: number
}

export interface Look {
  /** Of the terminal, in columns. */
  readonly width: number
  readonly paint: Paint
}

/** A row of the table: what it is, the states it went through, and what is worth knowing of it now. */
export interface Row {
  readonly title: string
  readonly steps: readonly Word[]
  readonly fact: string
}

interface Word {
  readonly text: string
  readonly step: Step
}

const TITLE_WIDTH = 18
const FACT_WIDTH = 21
/** Below this only the present state of each job is shown. */
const FULL_WIDTH = 76
const ARROW = ' → '
const ORDER: readonly Step[] = ['SCHEDULED', 'FIRING', 'FAILED', 'INTERRUPTED', 'SUCCESS', 'DEAD', 'CANCELLED']

/** No line is wider than the terminal. */
export function renderScreen({ heading, named, burst, nowMs }: ScreenState, look: Look): string[] {
  const rows = [...named.map((one) => rowOf(one, nowMs)), burstRow(burst, nowMs)]
  return [fit(heading, look.width), '', ...rows.map((row) => renderRow(row, look))]
}

/** One row without any limit, for a line of a log. */
export function plainRow({ title, steps, fact }: Row, paint: Paint): string {
  const words = steps.map(({ text, step }) => paint(step, text)).join(ARROW)
  return `${title.padEnd(TITLE_WIDTH)}  ${words}${fact && `  ${fact}`}`
}

export function rowOf(one: DemoJob, nowMs: number): Row {
  const steps = stepsOf(one).map((step) => ({ text: step, step }))
  return { title: one.planned.title, steps, fact: factOf(one, nowMs) }
}

/** The jobs of the burst, counted by their state. */
export function burstRow(burst: readonly DemoJob[], nowMs: number): Row {
  const last = burst.map((one) => stepsOf(one).at(-1))
  const steps = ORDER.flatMap((step) => {
    const count = last.filter((each) => each === step).length
    return count === 0 ? [] : [{ text: `${step} ${count}`, step }]
  })
  const lateness = latenessOf(burst.flatMap(latenessesOf))
  const waiting = burst.find((one) => one.job && one.arrivals.length === 0)
  const fact = lateness ? `p99 ${formatMs(lateness.p99)} late` : waiting ? dueIn(waiting, nowMs) : ''
  return { title: `${burst.length} at one instant`, steps, fact }
}

function factOf(one: DemoJob, nowMs: number): string {
  const { details, arrivals } = one
  switch (stepsOf(one).at(-1)) {
    case 'SCHEDULED':
    case 'FAILED':
      return dueIn(one, nowMs)
    case 'FIRING':
      return `attempt ${arrivals.at(-1)?.attempt ?? details?.attempt ?? 1}`
    case 'SUCCESS':
      return lateFact(one)
    case 'DEAD':
      return `after ${details?.logs.length ?? 0} attempts`
    case 'CANCELLED':
      return arrivals.length === 0 ? 'never sent' : 'retry called off'
    case 'INTERRUPTED':
    case undefined:
      return ''
  }
}

function lateFact(one: DemoJob): string {
  const lateness = latenessesOf(one).at(-1)
  return lateness === undefined ? '' : `${formatMs(lateness)} late`
}

function dueIn(one: DemoJob, nowMs: number): string {
  const dueMs = nextDueMs(one)
  if (dueMs === undefined) return ''
  const word = one.details?.status === 'FAILED' ? 'retry' : 'due'
  return `${word} in ${(Math.max(0, dueMs - nowMs) / 1_000).toFixed(1)} s`
}

function renderRow({ title, steps, fact }: Row, { width, paint }: Look): string {
  const room = width - (2 + TITLE_WIDTH + 2 + 2 + FACT_WIDTH)
  const shown = width >= FULL_WIDTH ? lastThatFit(steps, room) : { words: steps.slice(-1), isCut: false }
  const plain = `${shown.isCut ? `…${ARROW}` : ''}${shown.words.map(({ text }) => text).join(ARROW)}`
  const painted = `${shown.isCut ? `…${ARROW}` : ''}${shown.words.map(({ text, step }) => paint(step, text)).join(ARROW)}`
  const head = `  ${title.padEnd(TITLE_WIDTH)}  `
  const pad = ' '.repeat(Math.max(0, (width >= FULL_WIDTH ? room : 'SCHEDULED 200'.length) - plain.length))
  const tail = fact === '' ? '' : `${pad}  ${fact}`
  // Colours only where the whole line fits: cutting within an escape sequence would break it.
  const line = `${head}${plain}${tail}`
  return line.length <= width ? `${head}${painted}${tail}` : fit(line, width)
}

function lastThatFit(steps: readonly Word[], room: number): { words: readonly Word[]; isCut: boolean } {
  for (let from = 0; from < steps.length; from++) {
    const words = steps.slice(from)
    const width = words.map(({ text }) => text).join(ARROW).length + (from > 0 ? 1 + ARROW.length : 0)
    if (width <= room) return { words, isCut: from > 0 }
  }
  return { words: steps.slice(-1), isCut: false }
}

function fit(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`
}
