/** From `STATIC_DIR` to what the API serves. A dashboard that is missing never keeps webhooks from being sent. */
import type { Config } from './config.js'
import type { AppDeps } from './http/app-deps.js'
import { staticProblem } from './http/static.js'

export function dashboardSettings({ staticFolder }: Pick<Config, 'staticFolder'>): Pick<AppDeps, 'staticFolder'> {
  return staticFolder === null || staticProblem(staticFolder) !== null ? {} : { staticFolder }
}

export interface Dashboard {
  readonly isServed: boolean
  /** For people: where it is, or why there is none. */
  readonly description: string
}

/** For the start lines. */
export function describeDashboard(url: string, { staticFolder }: Pick<Config, 'staticFolder'>): Dashboard {
  if (staticFolder === null) return { isServed: false, description: 'none (STATIC_DIR is empty)' }
  const problem = staticProblem(staticFolder)
  return problem === null ? { isServed: true, description: url } : { isServed: false, description: `none: ${problem}` }
}
