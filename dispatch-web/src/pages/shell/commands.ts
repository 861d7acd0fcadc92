import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { CirclePlus, FolderKey, LogOut, Monitor, Moon, SearchCheck, Sun, Zap, type LucideIcon } from 'lucide-react'
import { useEffect, useState } from 'react'
import { useSignOut } from '../../features/account/use-sign-out'
import { jobsQuery } from '../../features/jobs/api'
import { projectsQuery } from '../../features/projects/api'
import { messageOf } from '../../lib/api-error'
import { chooseTheme } from '../../lib/theme'
import { NAVIGATION } from './navigation'

export interface Command {
  readonly id: string
  readonly label: string
  /** Shown beside it, in the type of code. */
  readonly detail?: string
  readonly icon: LucideIcon
  readonly run: () => unknown
}

export interface CommandGroup {
  readonly name: string
  readonly commands: readonly Command[]
}

/** After the last key, so that not every letter is a request; a request that is not needed any more is cancelled. */
const PAUSE_MS = 250
const MOST_JOBS = 6
const MOST_PROJECTS = 6

export interface Commands {
  readonly groups: readonly CommandGroup[]
  readonly isSearching: boolean
  /** Why jobs could not be looked for; null = they could, or nobody asked. */
  readonly failure: string | null
}

export function useCommands(text: string): Commands {
  const wanted = text.trim()
  const actions = useActions()
  const { data: projects = [] } = useQuery(projectsQuery)
  const jobs = useJobs(wanted)
  const navigate = useNavigate()
  const found = projects
    .filter(({ name, id }) => matches(wanted, name) || id.startsWith(wanted))
    .slice(0, MOST_PROJECTS)
  const groups: CommandGroup[] = [
    ...actions.map(({ name, commands }) => ({
      name,
      commands: commands.filter(({ label }) => matches(wanted, label)),
    })),
    {
      name: 'Projects',
      commands: found.map(({ id, name }) => ({
        id: `project-${id}`,
        label: name,
        icon: FolderKey,
        run: () => navigate({ to: '/projects/$projectId', params: { projectId: id } }),
      })),
    },
    {
      name: 'Jobs',
      commands: jobs.found.map(({ id, title }) => ({
        id: `job-${id}`,
        label: title,
        detail: id.slice(0, 8),
        icon: Zap,
        run: () => navigate({ to: '/jobs/$jobId', params: { jobId: id } }),
      })),
    },
  ]
  return {
    groups: groups.filter(({ commands }) => commands.length > 0),
    isSearching: jobs.isSearching,
    failure: jobs.failure,
  }
}

/** By the beginning of the id, or by title or host. */
function useJobs(wanted: string) {
  const [asked, setAsked] = useState('')
  useEffect(() => {
    const timer = setTimeout(() => setAsked(wanted), PAUSE_MS)
    return () => clearTimeout(timer)
  }, [wanted])
  const { data, error, isFetching, isPlaceholderData } = useQuery({
    ...jobsQuery({ q: asked, limit: MOST_JOBS }),
    enabled: asked !== '',
  })
  const isCurrent = wanted !== '' && asked === wanted && !isPlaceholderData
  return {
    found: isCurrent ? (data?.jobs ?? []) : [],
    isSearching: wanted !== '' && (asked !== wanted || isFetching),
    failure: isCurrent && error !== null ? `Jobs could not be looked for. ${messageOf(error)}` : null,
  }
}

function useActions(): readonly CommandGroup[] {
  const navigate = useNavigate()
  const signingOut = useSignOut()
  const pages = NAVIGATION.map(({ to, label, icon }) => ({
    id: `go-${label}`,
    label,
    icon,
    run: () => navigate({ to }),
  }))
  return [
    {
      name: 'Go to',
      commands: [
        { id: 'new-job', label: 'New job', icon: CirclePlus, run: () => navigate({ to: '/jobs/new' }) },
        ...pages,
        { id: 'verify', label: 'Verify a signature', icon: SearchCheck, run: () => navigate({ to: '/verify' }) },
      ],
    },
    {
      name: 'Do',
      commands: [
        { id: 'dark', label: 'Theme: dark', icon: Moon, run: () => chooseTheme('dark') },
        { id: 'light', label: 'Theme: light', icon: Sun, run: () => chooseTheme('light') },
        { id: 'system', label: "Theme: the system's", icon: Monitor, run: () => chooseTheme('system') },
        { id: 'sign-out', label: 'Sign out', icon: LogOut, run: () => signingOut.mutate() },
      ],
    },
  ]
}

/** Each word somewhere in it. */
function matches(wanted: string, label: string): boolean {
  const text = label.toLowerCase()
  return wanted
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}
