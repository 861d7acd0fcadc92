import { TriangleAlert } from 'lucide-react'
import { messageOf } from '../lib/api-error'
import { Button } from './button'

export interface ErrorStateProps {
  readonly error: unknown
  readonly onRetry?: () => void
}

/** In the place of what could not be read. */
export function ErrorState({ error, onRetry }: ErrorStateProps) {
  return (
    <div role="alert" className="flex flex-col items-center gap-1 px-6 py-12 text-center">
      <TriangleAlert aria-hidden size={22} strokeWidth={1.5} className="mb-2 text-danger-text" />
      <p className="max-w-md text-base">{messageOf(error)}</p>
      {onRetry && (
        <Button size="sm" className="mt-3" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  )
}
