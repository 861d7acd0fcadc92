import { useQuery } from '@tanstack/react-query'
import { Select } from '../../components/select'
import { projectsQuery } from './api'

const ALL = 'all'

export interface ProjectSelectProps {
  /** The id of a project; undefined = all. */
  readonly value: string | undefined
  readonly onChange: (projectId: string | undefined) => void
  /** Its width, where 11 rem do not fit. */
  readonly className?: string
}

/** Which project a page is about. */
export function ProjectSelect({ value, onChange, className = 'w-44' }: ProjectSelectProps) {
  const { data: projects = [] } = useQuery(projectsQuery)
  const options = [
    { value: ALL, label: 'All projects' },
    ...projects.map(({ id, name }) => ({ value: id, label: name })),
    // From an old link: it is gone, or its list is still being read.
    ...(value === undefined || projects.some(({ id }) => id === value)
      ? []
      : [{ value, label: `${value.slice(0, 8)}…` }]),
  ]
  return (
    <div className={className}>
      <Select
        aria-label="Project"
        options={options}
        value={value ?? ALL}
        onChange={(next) => onChange(next === ALL ? undefined : next)}
      />
    </div>
  )
}
