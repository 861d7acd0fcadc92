import { BookOpen, Gauge, KeyRound, ListChecks, Settings, type LucideIcon } from 'lucide-react'

interface NavigationItem {
  readonly to: '/' | '/jobs' | '/projects' | '/settings' | '/docs'
  readonly label: string
  readonly icon: LucideIcon
}

/** In the sidebar, and in the bar at the bottom of a phone, which holds five at most. */
export const NAVIGATION: readonly NavigationItem[] = [
  { to: '/', label: 'Overview', icon: Gauge },
  { to: '/jobs', label: 'Jobs', icon: ListChecks },
  { to: '/projects', label: 'Projects', icon: KeyRound },
  { to: '/settings', label: 'Settings', icon: Settings },
  { to: '/docs', label: 'Docs', icon: BookOpen },
]
