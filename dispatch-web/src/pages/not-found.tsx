import { Link } from '@tanstack/react-router'
import { Compass } from 'lucide-react'
import { buttonClass } from '../components/button'
import { EmptyState } from '../components/empty-state'
import { Main } from '../components/main'

export function NotFoundPage() {
  return (
    <Main className="grid min-h-[70dvh] place-items-center">
      <title>Not found · Dispatch</title>
      <div>
        <h1 className="sr-only">Not found</h1>
        <EmptyState
          icon={Compass}
          title="There is nothing at this address"
          action={
            <Link to="/" className={buttonClass()}>
              To the overview
            </Link>
          }
        >
          It may have been deleted, or the link is incomplete.
        </EmptyState>
      </div>
    </Main>
  )
}
