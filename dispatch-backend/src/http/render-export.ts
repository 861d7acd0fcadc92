/** Pages of jobs as the text of a download. */
import type { ExportFormat } from 'dispatch-contract'
import { formatInstant } from '../clock.js'
import type { ExportedJob } from '../store/store.js'
import { BYTE_ORDER_MARK, csvRow } from './csv.js'
import { renderJobLine } from './render-job.js'

type Cell = string | number | null

const instant = (ms: number | null | undefined): string | null => (ms == null ? null : formatInstant(ms))

/** In the order of the columns; the names are those of the API. */
const CSV_COLUMNS: readonly (readonly [name: string, read: (job: ExportedJob) => Cell])[] = [
  ['id', (job) => job.id],
  ['projectId', (job) => job.projectId],
  ['project', (job) => job.project.name],
  ['title', (job) => job.title],
  ['webhookUrl', (job) => job.webhookUrl],
  ['status', (job) => job.status],
  ['fireAt', (job) => instant(job.fireAtMs)],
  ['nextAttemptAt', (job) => instant(job.nextAttemptAtMs)],
  ['attempt', (job) => job.attempt],
  ['retryCount', (job) => job.retryCount],
  ['createdAt', (job) => instant(job.createdAtMs)],
  ['updatedAt', (job) => instant(job.updatedAtMs)],
  ['replayOf', (job) => job.replayOf],
  ['lastAttemptStatus', (job) => job.lastAttempt?.status ?? null],
  ['lastAttemptFiredAt', (job) => instant(job.lastAttempt?.firedAtMs)],
  ['lastAttemptResponseCode', (job) => job.lastAttempt?.responseCode ?? null],
  ['lastAttemptDurationMs', (job) => job.lastAttempt?.durationMs ?? null],
  ['lastAttemptLatenessMs', (job) => job.lastAttempt?.latenessMs ?? null],
  ['lastAttemptError', (job) => job.lastAttempt?.error ?? null],
]

const FORMATS = {
  csv: {
    type: 'text/csv; charset=utf-8; header=present',
    head: BYTE_ORDER_MARK + csvRow(CSV_COLUMNS.map(([name]) => name)),
    render: (job: ExportedJob) => csvRow(CSV_COLUMNS.map(([, read]) => read(job))),
  },
  jsonl: { type: 'application/x-ndjson; charset=utf-8', head: '', render: renderJobLine },
} as const satisfies Record<ExportFormat, { type: string; head: string; render: (job: ExportedJob) => string }>

export function exportType(format: ExportFormat): string {
  return FORMATS[format].type
}

/** One piece of text a page, so the next page is read when this one has been taken. */
export async function* renderExport(
  format: ExportFormat,
  pages: AsyncIterable<readonly ExportedJob[]>,
): AsyncGenerator<string, void, undefined> {
  const { head, render } = FORMATS[format]
  if (head !== '') yield head
  for await (const jobs of pages) if (jobs.length > 0) yield jobs.map(render).join('')
}
