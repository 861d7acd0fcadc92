import { readFile } from 'node:fs/promises'
import { collectDefaultMetrics, Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { createInstruments } from './instruments.js'
import { renderMetricsPage } from './page.js'
import { METRICS, PROCESS_METRICS, type MetricRow } from './table.js'

const rows = Object.values<MetricRow>(METRICS)

test('docs/metrics.md is up to date (else: npm run docs)', async () => {
  const page = await readFile(new URL('../../../docs/metrics.md', import.meta.url), 'utf8')
  expect(page).toBe(renderMetricsPage())
})

test('each metric that is answered is described, and each that is described is answered', () => {
  const registry = new Registry()
  createInstruments(registry)
  const own = registry.getMetricsAsArray().map(({ name }) => name)
  expect(own).toEqual(rows.map(({ name }) => name))
  const ofProcess = new Registry()
  collectDefaultMetrics({ register: ofProcess })
  const names = ofProcess.getMetricsAsArray().map(({ name }) => name)
  expect(Object.keys(PROCESS_METRICS)).toEqual(expect.arrayContaining(names))
  // Other systems have fewer.
  if (process.platform === 'linux') expect(names).toEqual(Object.keys(PROCESS_METRICS))
})

test('names say the unit, and no label could have a value for each tenant', () => {
  for (const { name, kind, labels, buckets } of rows) {
    expect(name).toMatch(/^dispatch_[a-z_]+$/)
    expect(name.endsWith('_total')).toBe(kind === 'counter')
    expect(buckets.length > 0).toBe(kind === 'histogram')
    expect(['outcome', 'result', 'method', 'route', 'status', 'version']).toEqual(
      expect.arrayContaining(Object.keys(labels)),
    )
  }
})
