import type { Server } from './server.js'

/** What is printed when the server is up, whatever the log level: where it listens, on what, and what to do next. */
export function startLines(
  { url, dashboard, database, mail, setupToken, metricsUrl }: Omit<Server, 'stop'>,
  version: string,
): string[] {
  return [
    `Dispatch ${version} listens on ${url}`,
    `  dashboard ${dashboard.description}`,
    `  database  ${database}`,
    `  mail      ${mail}`,
    ...(metricsUrl === undefined ? [] : [`  metrics   ${metricsUrl}`]),
    ...(setupToken === undefined ? [] : firstAccountLines({ url, dashboard }, setupToken)),
    `  next      schedule a webhook with POST ${url}/api/v1/jobs; README.md goes through it step by step`,
  ]
}

/** Also when the owner has left a running server. */
export function firstAccountLines({ url, dashboard }: Pick<Server, 'url' | 'dashboard'>, setupToken: string): string[] {
  const how = dashboard.isServed ? 'in the dashboard, or with POST' : 'with POST'
  return [
    `  account   none yet. The first one becomes the instance owner: make it ${how}`,
    `            ${url}/api/v1/auth/register, from this machine, or from elsewhere with this set-up token: ${setupToken}`,
  ]
}
