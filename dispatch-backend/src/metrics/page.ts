/** `docs/metrics.md` is this text (`npm run docs` writes it; a test fails while it is stale). */
import { markdownTable as table } from '../markdown-table.js'
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

const ALARMS: readonly (readonly [string, string])[] = [
  ['`dispatch_backlog_oldest_seconds > 60`', 'webhooks are late by more than a minute'],
  [
    '`histogram_quantile(0.99, sum by (le) (rate(dispatch_attempt_lateness_seconds_bucket[5m]))) > 1`',
    'one in a hundred leaves more than a second late',
  ],
  ['`dispatch_database_away == 1` for a minute', 'nothing can be claimed or created'],
  ['`increase(dispatch_attempts_total{outcome="dead"}[15m]) > 0`', 'a job failed for the last time: look at its log'],
  ['`increase(dispatch_unexpected_failures_total[15m]) > 0`', 'a bug, or something nobody thought of'],
  ['`abs(dispatch_clock_offset_seconds) > 0.25`', 'a clock is wrong'],
  ['`nodejs_eventloop_lag_p99_seconds > 0.1`', 'the process has too much to do'],
]

/** The page, as Markdown. */
export function renderMetricsPage(): string {
  const rows = Object.values<MetricRow>(METRICS)
  const others = Object.entries(PROCESS_METRICS).map(([name, help]) => [`\`${name}\``, help])
  return [
    INTRODUCTION,
    `## What to watch\n\n${table(['Alarm when', 'It means'], ALARMS)}`,
    `## Dispatch\n\n${table(['Metric', 'Kind', 'What it says', 'Labels'], rows.map(describe))}`,
    `## Bounds of the histograms\n\n${rows
      .filter(({ buckets }) => buckets.length > 0)
      .map(describeBounds)
      .join('')}`,
    `## Process and runtime\n\nOn Linux all of these, elsewhere fewer.\n\n${table(['Metric', 'What it says'], others)}`,
  ].join('\n')
}

function describe({ name, kind, help, labels }: MetricRow): string[] {
  const labelled = Object.entries(labels).map(([label, values]) => `\`${label}\`: ${values}`)
  return [`\`${name}\``, kind, help, labelled.join('. ')]
}

function describeBounds({ name, buckets }: MetricRow): string {
  return `- \`${name}\`: ${buckets.join(', ')}\n`
}
