import { classNames } from '../lib/class-names'

/** The place of something that is being read: give it the size of what will stand there. */
export function Skeleton({ className }: { readonly className?: string }) {
  return (
    <span aria-hidden className={classNames('block animate-shimmer rounded-sm bg-raised', className ?? 'h-4 w-24')} />
  )
}

/** Lines of a table or list while they are read. */
export function SkeletonRows({ rows = 5 }: { readonly rows?: number }) {
  return (
    <div role="status" aria-label="Loading" className="divide-y divide-line">
      {Array.from({ length: rows }, (_, index) => (
        <div key={index} className="flex h-11 items-center gap-6 px-4">
          <Skeleton className="h-3 w-20" />
          <Skeleton className="h-3 w-48 max-w-1/3" />
          <Skeleton className="ml-auto h-3 w-24" />
        </div>
      ))}
    </div>
  )
}
