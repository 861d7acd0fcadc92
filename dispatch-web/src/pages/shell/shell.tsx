import { Link, Outlet } from '@tanstack/react-router'
import { Logo } from '../../components/logo'
import { Main } from '../../components/main'
import { UtcClock } from '../../components/utc-clock'
import { useLiveJobs } from '../../features/jobs/use-live-jobs'
import { AccountMenu } from './account-menu'
import { CommandButton, useCommandMenu } from './command-menu'
import { NAVIGATION } from './navigation'

/** The frame around every page behind the sign-in: a sidebar, or on a phone two bars. */
export function Shell() {
  useLiveJobs()
  const commands = useCommandMenu()
  return (
    <div className="min-h-dvh md:grid md:grid-cols-[13.5rem_1fr] print:block">
      <a
        href="#main"
        className="sr-only z-50 rounded-md bg-accent px-3 py-2 text-accent-ink focus:not-sr-only focus:fixed focus:top-3 focus:left-3"
      >
        Skip to content
      </a>
      <Sidebar onCommands={commands.open} />
      <TopBar onCommands={commands.open} />
      <Main id="main" tabIndex={-1} className="min-w-0 pb-20 outline-none md:pb-0 print:pb-0">
        <Outlet />
      </Main>
      <BottomBar />
      {commands.menu}
    </div>
  )
}

interface BarProps {
  readonly onCommands: () => void
}

function Sidebar({ onCommands }: BarProps) {
  return (
    <aside className="sticky top-0 hidden h-dvh flex-col border-r border-line bg-panel md:flex print:hidden">
      <Link to="/" className="flex h-14 items-center px-4">
        <Logo />
      </Link>
      <CommandButton onOpen={onCommands} />
      <nav aria-label="Main" className="flex flex-1 flex-col gap-0.5 px-2 py-2">
        {NAVIGATION.map(({ to, label, icon: Icon }) => (
          <Link
            key={to}
            to={to}
            activeOptions={{ exact: to === '/', includeSearch: false }}
            className="relative flex items-center gap-2.5 rounded-md px-2.5 py-1.5 text-base hover:bg-raised"
            activeProps={{
              className:
                'bg-raised font-medium text-ink before:absolute before:inset-y-1.5 before:-left-2 before:w-0.5 before:bg-accent',
            }}
            inactiveProps={{ className: 'text-muted' }}
          >
            <Icon aria-hidden size={16} strokeWidth={1.75} />
            {label}
          </Link>
        ))}
      </nav>
      <div className="border-t border-line px-4 py-3">
        <UtcClock />
      </div>
      <div className="border-t border-line p-2">
        <AccountMenu />
      </div>
    </aside>
  )
}

function TopBar({ onCommands }: BarProps) {
  return (
    <header className="sticky top-0 z-10 flex h-12 items-center justify-between border-b border-line bg-panel px-4 md:hidden print:hidden">
      <Link to="/" className="flex">
        <Logo />
      </Link>
      <span className="flex items-center gap-1.5">
        <UtcClock />
        <CommandButton isIcon onOpen={onCommands} />
      </span>
    </header>
  )
}

function BottomBar() {
  return (
    <nav
      aria-label="Main"
      className="fixed inset-x-0 bottom-0 z-10 grid auto-cols-fr grid-flow-col border-t border-line bg-panel pb-[env(safe-area-inset-bottom)] md:hidden print:hidden"
    >
      {NAVIGATION.map(({ to, label, icon: Icon }) => (
        <Link
          key={to}
          to={to}
          activeOptions={{ exact: to === '/', includeSearch: false }}
          className="relative flex h-14 flex-col items-center justify-center gap-0.5 text-2xs focus-visible:outline-offset-[-2px]"
          activeProps={{
            className: 'text-ink before:absolute before:inset-x-6 before:top-0 before:h-0.5 before:bg-accent',
          }}
          inactiveProps={{ className: 'text-muted' }}
        >
          <Icon aria-hidden size={18} strokeWidth={1.75} />
          {label}
        </Link>
      ))}
    </nav>
  )
}
