import { Link, Outlet, useLocation } from '@tanstack/react-router'
import { buttonClass } from '../../components/button'
import { Logo } from '../../components/logo'
import { Main } from '../../components/main'
import { UtcClock } from '../../components/utc-clock'
import { useObservable } from '../../lib/observable'
import { token } from '../../lib/session'
import { Shell } from './shell'

/** Around pages for everybody: the dashboard's frame, or a plain one for who is not signed in. */
export function OpenFrame() {
  return useObservable(token) === null ? <PlainFrame /> : <Shell />
}

function PlainFrame() {
  const from = useLocation({ select: ({ href }) => href })
  return (
    <div className="min-h-dvh">
      <header className="border-b border-line bg-panel print:hidden">
        <div className="mx-auto flex h-14 max-w-6xl items-center justify-between gap-4 px-4 sm:px-6 lg:px-8">
          <Link to="/" className="flex">
            <Logo />
          </Link>
          <div className="flex items-center gap-5">
            <span className="max-sm:hidden">
              <UtcClock />
            </span>
            <Link to="/sign-in" search={{ from }} className={buttonClass('plain', 'sm')}>
              Sign in
            </Link>
          </div>
        </div>
      </header>
      <Main>
        <Outlet />
      </Main>
    </div>
  )
}
