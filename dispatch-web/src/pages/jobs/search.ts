/** What the address of the page of jobs tells. */
import { jobSort, jobStatus, sortOrder } from 'dispatch-contract'
import * as z from 'zod'

/** The router reads `?q=123` as a number. */
const text = z
  .union([z.string().min(1), z.number().transform(String)])
  .optional()
  .catch(undefined)
const states: readonly string[] = jobStatus.options

export const jobsSearch = z.object({
  /** Several are separated by commas. */
  status: z
    .string()
    .refine((value) => value.split(',').every((state) => states.includes(state)))
    .optional()
    .catch(undefined),
  projectId: text,
  endpoint: text,
  from: text,
  to: text,
  q: text,
  sort: jobSort.optional().catch(undefined),
  order: sortOrder.optional().catch(undefined),
  page: z.int().min(1).optional().catch(undefined),
})
export type JobsSearch = z.infer<typeof jobsSearch>

/** Without the page, which means nothing in another list. */
export type JobsFilter = Omit<JobsSearch, 'page'>

export function isFiltered({ status, projectId, endpoint, from, to, q }: JobsSearch): boolean {
  return [status, projectId, endpoint, from, to, q].some((one) => one !== undefined)
}
