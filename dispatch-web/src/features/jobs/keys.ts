/** Keys of the queries about jobs. All begin with `jobs`, which stands for everything that shows one. */
export const JOB_LISTS = ['jobs', 'list'] as const

export const jobKey = (jobId: string) => ['jobs', 'one', jobId] as const
