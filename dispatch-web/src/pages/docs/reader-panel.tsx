import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Select } from '../../components/select'
import { projectsQuery } from '../../features/projects/api'
import { API_URL } from '../../lib/api-url'
import { useObservable } from '../../lib/observable'
import { token } from '../../lib/session'
import { readStored, store } from '../../lib/storage'
import { publicHost, type Reader } from './fill-in'

const KEY = 'docs.project'

export interface ReaderChoice {
  readonly reader: Reader
  readonly projects: readonly { readonly id: string; readonly name: string }[]
  readonly choose: (projectId: string) => void
}

/** Who reads, as far as the examples go: this installation, and of who is signed in a project. */
export function useReader(): ReaderChoice {
  const isSignedIn = useObservable(token) !== null
  const { data = [] } = useQuery({ ...projectsQuery, enabled: isSignedIn })
  const projects = isSignedIn ? data : []
  const [chosen, setChosen] = useState(() => readStored(KEY))
  const project = projects.find(({ id }) => id === chosen) ?? projects[0]
  const baseUrl = API_URL || location.origin
  return {
    reader: { baseUrl, projectId: project?.id, host: publicHost(location) },
    projects,
    choose(projectId) {
      store(KEY, projectId)
      setChosen(projectId)
    },
  }
}

/** Says whose values are in the examples. */
export function ReaderPanel({ reader: { baseUrl, projectId }, projects, choose }: ReaderChoice) {
  return (
    <div className="flex flex-wrap items-center gap-x-5 gap-y-2 rounded-md border border-line bg-panel px-3 py-2 text-sm text-muted print:hidden">
      <p>
        The examples are for <span className="font-mono wrap-anywhere text-ink">{baseUrl}</span>
        {projectId === undefined ? '.' : ' and the project'}
      </p>
      {projectId !== undefined && (
        <div className="w-48">
          <Select
            aria-label="Project of the examples"
            options={projects.map(({ id, name }) => ({ value: id, label: name }))}
            value={projectId}
            onChange={choose}
            className="h-7"
          />
        </div>
      )}
    </div>
  )
}
