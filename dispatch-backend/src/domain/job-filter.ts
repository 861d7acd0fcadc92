/** From the checked query strings of `GET /jobs` and its export to what the store is asked, or to all that is wrong at once. */
import type { ExportJobsQuery, ListJobsQuery } from 'dispatch-contract'
import type { JobFilter, JobListQuery, JobScope } from '../store/store.js'
import { parseInstant } from './instant.js'
import { problem, validationError } from './problem.js'
import { parseWebhookUrl } from './webhook-url.js'

/** Such a list is merged of one stretch for each project and state, which a deep page has to gather and sort. */
const DEEPEST_BY_DUE = 100_000

/** Throws `VALIDATION`. */
export function readJobListQuery(scope: JobScope, query: ListJobsQuery): JobListQuery {
  const { sort, page, limit } = query
  const problems: string[] = []
  const filter = collectFilter(scope, query, problems)
  if (sort === 'due' && page * limit > DEEPEST_BY_DUE) {
    problems.push(
      problem('page', `one within the first ${DEEPEST_BY_DUE} jobs by due time (go on by \`from\` and \`to\`)`, page),
    )
  }
  if (problems.length > 0) throw validationError(problems)
  return { ...filter, page, limit }
}

/** Throws `VALIDATION`. */
export function readJobFilter(scope: JobScope, query: Omit<ExportJobsQuery, 'format'>): JobFilter {
  const problems: string[] = []
  const filter = collectFilter(scope, query, problems)
  if (problems.length > 0) throw validationError(problems)
  return filter
}

function collectFilter(scope: JobScope, query: Omit<ExportJobsQuery, 'format'>, problems: string[]): JobFilter {
  const { status, projectId, q, sort, order } = query
  const endpoint = query.endpoint === undefined ? undefined : readEndpoint(query.endpoint, problems)
  const fromMs = query.from === undefined ? undefined : readInstant('from', query.from, problems)
  const toMs = query.to === undefined ? undefined : readInstant('to', query.to, problems)
  if (fromMs !== undefined && toMs !== undefined && toMs <= fromMs && problems.length === 0) {
    problems.push(problem('to', 'an instant after `from`', query.to))
  }
  return {
    scope,
    ...(status && { statuses: status }),
    ...(projectId !== undefined && { projectId }),
    ...(endpoint !== undefined && { endpoint }),
    ...(fromMs !== undefined && { fromMs }),
    ...(toMs !== undefined && { toMs }),
    ...(q !== undefined && { text: q }),
    ...(sort === 'due' && { sort }),
    ...(order === 'asc' && { ascending: true }),
  }
}

function readEndpoint(value: string, problems: string[]): string | undefined {
  const parsed = parseWebhookUrl(value)
  const isEndpoint = typeof parsed !== 'string' && parsed.url.href === `${parsed.url.origin}/`
  if (isEndpoint) return parsed.endpoint
  problems.push(problem('endpoint', 'scheme, host and port alone, such as https://hooks.example.com', value))
  return undefined
}

function readInstant(field: string, value: string, problems: string[]): number | undefined {
  const instant = parseInstant(value)
  if (instant.ok) return instant.epochMs
  problems.push(`${problem(field, 'a UTC timestamp such as 2026-06-13T09:30:00Z', value)} (${instant.problem})`)
  return undefined
}
