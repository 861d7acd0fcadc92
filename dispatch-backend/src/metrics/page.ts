/** `docs/metrics.md` is this text (`npm run docs` writes it; a test fails while it is stale). */
import { METRICS, PROCESS_METRICS, type MetricRow } from './table.js'

const INTRODUCTION = `# Metrics

<!-- Written by \`npm run docs\` from dispatch-backend/src/metrics/table.ts. -->

Prometheus text, off until you choose where:

- \`METRICS_PORT=9464\` opens \`http://127.0.0.1:9464/metrics\`; \`METRICS_HOST\` lets other machines reach it.
- \`METRICS_TOKEN=…\` alone opens \`/metrics\` on the port of the API, for \`Authorization: Bearer …\`. With both, the token is
  asked for on the port of its own, and the API's has none.

Durations are in seconds. Each process counts for itself, from its start: sum over the replicas, except for the backlog, of
which each sees the whole. No label names a project, an endpoint or a user.
`

const ALARMS = `## What to watch

| Alarm when                                                                                          | It means                                         |
| --------------------------------------------------------------------------------------------------- | ------------------------------------------------ |
| \`dispatch_backlog_oldest_seconds > 60\`                                                              | webhooks are late by more than a minute          |
| \`histogram_quantile(0.99, rate(dispatch_attempt_lateness_seconds_bucket[5m])) > 1\`                  | one in a hundred leaves more than a second late  |
| \`dispatch_database_away == 1\` for a minute                                                          | nothing can be claimed or created                |
| \`increase(dispatch_attempts_total{outcome="dead"}[15m]) > 0\`                                        | a job failed for the last time: look at its log  |
| \`increase(dispatch_unexpected_failures_total[15m]) > 0\`                                             | a bug, or something nobody thought of            |
| \`abs(dispatch_clock_offset_seconds) > 0.25\`                                                         | a clock is wrong                                 |
| \`nodejs_eventloop_lag_p99_seconds > 0.1\`                                                            | the process has too much to do                   |
`

/** The page, as Markdown. */
export function renderMetricsPage(): string {
  const own = Object.values<MetricRow>(METRICS).map(renderMetric)
  const others = Object.entries(PROCESS_METRICS).map(([name, help]) => `- \`${name}\`: ${help}`)
  return [
    INTRODUCTION,
    ALARMS,
    `## Dispatch\n\n${own.join('\n')}`,
    `## Process and runtime\n\nOn Linux all of these, elsewhere fewer.\n\n${others.join('\n')}\n`,
  ].join('\n')
}

function renderMetric({ name, kind, help, labels, buckets }: MetricRow): string {
  const lines = [
    `- Kind: ${kind}${buckets.length > 0 ? `, with the bounds ${buckets.join(', ')}` : ''}.`,
    ...Object.entries(labels).map(([label, values]) => `- Label \`${label}\`: ${values}.`),
  ]
  return `### \`${name}\`\n\n${help}\n\n${lines.join('\n')}\n`
}
