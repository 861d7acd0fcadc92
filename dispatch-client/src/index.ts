export {
  Dispatch,
  type CallOptions,
  type CancelOptions,
  type DispatchOptions,
  type ListFilter,
  type ListOptions,
  type ListPageOptions,
  type ScheduleOptions,
} from './dispatch.js'
export { DispatchApiError, DispatchConnectionError, DispatchError, DispatchTimeoutError } from './errors.js'
export type { AttemptLog, Job, JobDetails, JobListItem, JobPage, JobStatus, Pagination } from './job.js'
export type { FireAt, NewJob } from './new-job.js'
