import { Cell, HeadCell, Row, Table, TableHead } from '../table'
import { Time } from '../time'
import type { Buckets } from './series'

export interface ChartTableProps {
  readonly label: string
  readonly buckets: Buckets
  readonly formatValue: (value: number) => string
  readonly emptyText: string
}

/** The numbers of a chart, in its order. Buckets without any are left out: most of a quiet day. */
export function ChartTable({ label, buckets: { atMs, series }, formatValue, emptyText }: ChartTableProps) {
  const rows = atMs
    .map((at, index) => ({ at, values: series.map(({ values }) => values[index] ?? null) }))
    .filter(({ values }) => values.some((value) => value !== null && value !== 0))
  if (rows.length === 0) return <p className="grid h-full place-items-center px-6 pb-8 text-muted">{emptyText}</p>
  return (
    <div className="h-full overflow-y-auto border-t border-line">
      <Table label={`${label}: buckets of time that hold anything`}>
        <TableHead>
          <HeadCell>From</HeadCell>
          {series.map((one) => (
            <HeadCell key={one.label} className="text-right">
              {one.label}
            </HeadCell>
          ))}
        </TableHead>
        <tbody>
          {rows.map(({ at, values }) => (
            <Row key={at}>
              <Cell className="py-1.5 text-muted">
                <Time at={at} precision="minute" />
              </Cell>
              {values.map((value, index) => (
                <Cell key={series[index]?.label} className="py-1.5 text-right font-mono text-sm">
                  {value === null ? '–' : formatValue(value)}
                </Cell>
              ))}
            </Row>
          ))}
        </tbody>
      </Table>
    </div>
  )
}
