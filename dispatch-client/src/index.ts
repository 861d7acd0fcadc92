export {
  Dispatch,
  type CallOptions,
  type CancelOptions,
  type DispatchOptions,
  type ListFilter,
  type ListOptions,
  type ListPageOptions,
  type ReplayOptions,
  type ScheduleOptions,
} from './dispatch.js'
export { DispatchApiError, DispatchConnectionError, DispatchError, DispatchTimeoutError } from './errors.js'
export type {
  AttemptLog,
  CancelledJobs,
  Job,
  JobDetails,
  JobListItem,
  JobPage,
  JobSearch,
  JobStatus,
  Pagination,
} from './job.js'
export { SignatureError, type SignatureFailure } from './signature-error.js'
export type { HeadersLike } from './signature-headers.js'
export { verifySignature, type Delivery, type VerifyOptions } from './verify-signature.js'
export type { FireAt, NewJob } from './new-job.js'
