import * as z from 'zod'
import { attemptLog, job, jobListItem, listJobsQuery } from './job.js'

export const exportFormat = z.enum(['csv', 'jsonl'], { error: 'csv or jsonl' })
export type ExportFormat = z.infer<typeof exportFormat>

const { endpoint, q } = listJobsQuery.shape

export const exportJobsQuery = listJobsQuery.omit({ page: true, limit: true }).extend({
  format: exportFormat
    .default('csv')
    .describe(
      '`csv`: a row a job, for spreadsheets, without payloads; `jsonl`: JSON lines, a job a line with its payload, for programs.',
    ),
  endpoint: endpoint.describe(
    'Only jobs to this scheme, host and port: `https://hooks.example.com` or `https://hooks.example.com:8443`.',
  ),
  q: q.describe(
    'Only jobs whose id begins with this text, or whose host or title holds it; case does not matter. All jobs of the list are looked at.',
  ),
})
export type ExportJobsQuery = z.infer<typeof exportJobsQuery>

export const lastAttempt = attemptLog.omit({ responseBody: true })
export type LastAttempt = z.infer<typeof lastAttempt>

/** A line of `format=jsonl`. */
export const exportedJob = job.extend({
  project: jobListItem.shape.project,
  lastAttempt: lastAttempt
    .nullable()
    .describe('The last one that was recorded, without its response body; null before the first.'),
})
export type ExportedJob = z.infer<typeof exportedJob>
