export { Dispatch } from './dispatch.js'
export type {
  CallOptions,
  CancelOptions,
  DispatchOptions,
  EventsOptions,
  ExportFileOptions,
  ExportOptions,
  ForecastOptions,
  GetRequestOptions,
  ListFilter,
  ListOptions,
  ListPageOptions,
  ReplayOptions,
  ScheduleOptions,
  StatsOptions,
} from './options.js'
export { DispatchApiError, DispatchConnectionError, DispatchError, DispatchTimeoutError } from './errors.js'
export type {
  AttemptLog,
  CancelledJobs,
  ExportedJob,
  Job,
  JobDetails,
  JobListItem,
  JobPage,
  JobRequest,
  JobSearch,
  JobStatus,
  Pagination,
} from './job.js'
export type { JobEvent, LiveEvent, RefreshEvent } from './live-event.js'
export type {
  DeliveriesBucket,
  DueBucket,
  EndpointStats,
  Forecast,
  LatenessBucket,
  LatestFailure,
  Stats,
  StatsRange,
} from './stats.js'
export { SignatureError, type SignatureFailure } from './signature-error.js'
export type { HeadersLike } from './signature-headers.js'
export { verifySignature, type Delivery, type VerifyOptions } from './verify-signature.js'
export type { FireAt, NewJob } from './new-job.js'
