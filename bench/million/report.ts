import type { DatabaseName } from '../databases.js'
import { markdownTable } from '../../dispatch-backend/src/markdown-table.js'
import { median } from '../samples.js'
import type { ExportTiming, Timing } from './reads.js'

export interface MillionResults {
  readonly name: DatabaseName
  readonly fillSeconds: number
  readonly rollUpSeconds: number
  readonly reads: readonly Timing[]
  readonly exports: readonly ExportTiming[]
}

const inMs = (ms: number): string => (ms < 10 ? ms.toFixed(1) : Math.round(ms).toLocaleString('en'))

/** Tables in Markdown, a column for each database. */
export function renderMillion(results: readonly MillionResults[]): string {
  const [first] = results
  if (!first) return 'Nothing was measured.'
  const names = results.map(({ name }) => name)
  const reads = first.reads.map(({ name }, row) => [
    `\`${name}\``,
    ...results.map(({ reads: own }) => {
      const { ms } = own[row]!
      return `${inMs(median(ms))} / ${inMs(Math.max(...ms))}`
    }),
  ])
  const exports = first.exports.map(({ name }, row) => [
    `\`${name}\``,
    ...results.map(({ exports: own }) => {
      const { firstByteMs, jobs, seconds, bytes } = own[row]!
      const rate = Math.round(jobs / seconds).toLocaleString('en')
      return `${inMs(firstByteMs)} ms; ${rate}/s (${jobs.toLocaleString('en')} in ${seconds.toFixed(1)} s, ${Math.round(bytes / 1e6)} MB)`
    }),
  ])
  return [
    markdownTable(['read: median / worst, ms', ...names], reads),
    markdownTable(['export: first byte; jobs', ...names], exports),
    results
      .map(
        ({ name, fillSeconds, rollUpSeconds }) =>
          `${name}: filled in ${Math.round(fillSeconds)} s, statistics after ${Math.round(rollUpSeconds)} s`,
      )
      .join('\n'),
  ].join('\n\n')
}
