import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense } from 'react'
import { Skeleton } from '../../components/skeleton'
import { projectsQuery } from '../../features/projects/api'
import type { ProjectSelectProps } from '../../features/projects/project-select'
import { loadCode } from '../../lib/page-code'

/** The first page loads as little as it can, and most accounts have one project. */
const ProjectSelect = lazy(async () => ({
  default: (await loadCode(() => import('../../features/projects/project-select'))).ProjectSelect,
}))

/** Nothing where there is nothing to choose from. */
export function ProjectFilter(props: ProjectSelectProps) {
  const { data: projects = [] } = useQuery(projectsQuery)
  if (projects.length < 2 && props.value === undefined) return null
  return (
    <Suspense fallback={<Skeleton className="h-9 w-44" />}>
      <ProjectSelect {...props} />
    </Suspense>
  )
}
