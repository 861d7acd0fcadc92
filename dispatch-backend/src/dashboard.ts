/** From `STATIC_DIR` to what the API serves. A dashboard that is missing never keeps webhooks from being sent. */
import type { Config } from './config.js'
import type { AppDeps } from './http/app-deps.js'
import { staticProblem } from './http/static.js'

export function dashboardSettings({ staticFolder }: Pick<Config, 'staticFolder'>): Pick<AppDeps, 'staticFolder'> {
  return staticFolder === null || staticProblem(staticFolder) !== null ? {} : { staticFolder }
}

/** For the start line: where the dashboard is, or why there is none. */
export function describeDashboard(url: string, { staticFolder }: Pick<Config, 'staticFolder'>): string {
  if (staticFolder === null) return 'none (STATIC_DIR is empty)'
  const problem = staticProblem(staticFolder)
  return problem === null ? url : `none: ${problem}`
}
