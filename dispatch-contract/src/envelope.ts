import * as z from 'zod'

/** Around every answer; `data` is null when there is nothing to say, and on most errors. */
export interface Envelope<Data> {
  readonly status: boolean
  readonly message: string
  readonly data: Data
}

export function envelope<Data extends z.ZodType>(data: Data) {
  return z.object({ status: z.boolean(), message: z.string(), data })
}

export const errorEnvelope = z.object({ status: z.literal(false), message: z.string(), data: z.unknown() })

export const pagination = z.object({
  total: z.int(),
  page: z.int(),
  limit: z.int(),
  totalPages: z.int(),
  /** False when `total` is an earlier count (at most 60 seconds old). */
  totalIsExact: z.boolean(),
})
export type Pagination = z.infer<typeof pagination>
