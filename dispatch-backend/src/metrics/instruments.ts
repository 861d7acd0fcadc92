/** The rows of the table as prom-client's objects, on a registry of our own. */
import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import { METRICS, type MetricRow } from './table.js'

type Instrument<Row> = Row extends { kind: 'counter' } ? Counter : Row extends { kind: 'gauge' } ? Gauge : Histogram

export type Instruments = { readonly [Key in keyof typeof METRICS]: Instrument<(typeof METRICS)[Key]> }

export function createInstruments(registry: Registry): Instruments {
  const made = Object.entries<MetricRow>(METRICS).map(([key, row]) => [key, createInstrument(row, registry)])
  // Each row's `kind` decides both what is made here and what the mapped type says of it.
  return Object.fromEntries(made) as Instruments
}

function createInstrument(row: MetricRow, registry: Registry): Counter | Gauge | Histogram {
  const shared = {
    name: row.name,
    help: row.help.replaceAll('`', ''),
    labelNames: Object.keys(row.labels),
    registers: [registry],
  }
  switch (row.kind) {
    case 'counter':
      return new Counter(shared)
    case 'gauge':
      return new Gauge(shared)
    case 'histogram':
      return new Histogram({ ...shared, buckets: [...row.buckets] })
  }
}
