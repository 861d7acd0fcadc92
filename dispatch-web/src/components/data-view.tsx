import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { ErrorState } from './error-state'
import { SkeletonRows } from './skeleton'

export interface DataViewProps<Data> {
  readonly query: UseQueryResult<Data>
  /** In the size of what will stand there; lines of a list unless given. */
  readonly skeleton?: ReactNode
  readonly children: (data: Data) => ReactNode
}

/** What a query answered, its place while it is read, or why it could not be. What was read before stays. */
export function DataView<Data>({ query, skeleton, children }: DataViewProps<Data>) {
  if (query.data !== undefined) return children(query.data)
  if (query.isError) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />
  return skeleton ?? <SkeletonRows />
}
