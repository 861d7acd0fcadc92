/** Charts on a canvas, by uPlot. The only module that knows it: loaded when the first chart is shown. */
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { formatInstant, type Zone } from '../../lib/format-time'
import type { Buckets, ChartColour, ChartKind } from './series'

export interface PlotOptions {
  readonly kind: ChartKind
  readonly colours: readonly ChartColour[]
  readonly zone: Zone
  readonly formatValue: (value: number) => string
  /** Charts of one group move their crosshairs together. */
  readonly group: string | undefined
  /** Called with the bucket under the pointer; null when it has left. */
  readonly onPoint: (index: number | null) => void
}

export interface Plot {
  readonly update: (buckets: Buckets) => void
  readonly destroy: () => void
}

const SECOND_MS = 1000
const DAY_SECONDS = 86_400
/** The least that the logarithmic scale shows, which has no 0: less is as good as punctual. */
const LEAST_LINE_MS = 1
/** At the right: half of a time, which stands in the middle below its tick, and that may be the last pixel. */
const LABEL_PLACE_PX = 20
/** Counts have no halves. */
const COUNT_STEPS = [1, 2, 5]
  .flatMap((step) => Array.from({ length: 12 }, (_, power) => step * 10 ** power))
  .sort((a, b) => a - b)

/** Fills `host`, whose size it follows; draws anew when the theme changes. */
export function drawPlot(host: HTMLElement, options: PlotOptions): Plot {
  // As `stacked` has them: the highest first.
  const colours = options.kind === 'bars' ? options.colours.toReversed() : options.colours
  let rangeS: [number, number] = [0, 1]
  let pointed: number | null = null
  const plot = new uPlot(
    {
      ...sizeOf(host),
      ...{ legend: { show: false }, padding: [8, LABEL_PLACE_PX, 0, 0], tzDate: inZone(options.zone) },
      cursor: {
        ...{ y: false, drag: { x: false, y: false }, points: { show: options.kind === 'lines' } },
        ...(options.group !== undefined && { sync: { key: options.group } }),
      },
      scales: { x: { range: () => rangeS }, y: valueScale(options.kind) },
      axes: [timeAxis(host, options.zone), valueAxis(host, options)],
      series: [{}, ...colours.map((colour, index) => seriesOptions(host, options.kind, colour, index))],
      hooks: {
        setCursor: [
          ({ cursor: { idx = null } }) => {
            if (idx === pointed) return
            pointed = idx
            options.onPoint(idx)
          },
        ],
      },
    },
    undefined,
    host,
  )
  const resizes = new ResizeObserver(() => plot.setSize(sizeOf(host)))
  resizes.observe(host)
  const themes = new MutationObserver(() => plot.redraw())
  themes.observe(document.documentElement, { attributeFilter: ['data-theme'] })
  return {
    update({ atMs, bucketMs, series }) {
      const first = atMs[0] ?? 0
      rangeS = [first / SECOND_MS, (first + bucketMs * Math.max(atMs.length, 1)) / SECOND_MS]
      const values = series.map((one) => [...one.values])
      // Each stands in the middle of its bucket.
      const times = atMs.map((ms) => (ms + bucketMs / 2) / SECOND_MS)
      plot.setData([times, ...(options.kind === 'bars' ? stacked(values) : values.map(logarithms))])
    },
    destroy() {
      resizes.disconnect()
      themes.disconnect()
      plot.destroy()
    },
  }
}

export type DrawPlot = typeof drawPlot

const sizeOf = ({ clientWidth, clientHeight }: HTMLElement) => ({ width: clientWidth, height: clientHeight })

const logarithms = (values: (number | null)[]) =>
  values.map((value) => (value === null ? null : Math.log10(Math.max(value, LEAST_LINE_MS))))

/** Each on top of those before it; the highest comes first, so that the lower ones are drawn over it. */
function stacked(series: (number | null)[][]): number[][] {
  const heights: number[][] = []
  for (const values of series) {
    const below = heights[0]
    heights.unshift(values.map((value, index) => (value ?? 0) + (below?.[index] ?? 0)))
  }
  return heights
}

function seriesOptions(host: HTMLElement, kind: ChartKind, colour: ChartColour, index: number): uPlot.Series {
  const paint = (): string => colourOf(host, colour)
  if (kind === 'bars') {
    const paths = uPlot.paths.bars!({ size: [0.78, 28, 1] })
    return { paths, fill: paint, width: 0, points: { show: false } }
  }
  // Colour is not the only sign.
  const isDashed = index > 0
  return {
    stroke: paint,
    width: 1.5,
    ...(isDashed && { dash: [5, 4] }),
    points: { show: true, size: 4, fill: paint, width: 0 },
  }
}

function valueScale(kind: ChartKind): uPlot.Scale {
  if (kind === 'bars') return { range: (_, __, max) => [0, Math.max(max || 0, 4) * 1.08] }
  // Whole powers of ten, at least one apart.
  return { range: (_, min, max) => [Math.floor(min || 0), Math.max(Math.ceil(max || 0), Math.floor(min || 0) + 1)] }
}

function timeAxis(host: HTMLElement, zone: Zone): uPlot.Axis {
  return {
    ...axisLook(host),
    ...{ space: 56, size: 28, grid: { show: false } },
    values: (_, splits, __, ___, stepS) => splits.map((atS) => timeLabel(atS * SECOND_MS, zone, stepS)),
  }
}

/** Time of day, and the day where it begins. */
function timeLabel(atMs: number, zone: Zone, stepS: number): string {
  const [day = '', time = ''] = formatInstant(atMs, zone, 'minute').split(' ')
  return stepS >= DAY_SECONDS || time === '00:00' ? day.slice(5) : time
}

function valueAxis(host: HTMLElement, { kind, formatValue }: PlotOptions): uPlot.Axis {
  return {
    ...axisLook(host),
    ...{ size: 52, grid: { show: true, width: 1, stroke: () => colourOf(host, '--line') } },
    ...{ incrs: kind === 'bars' ? COUNT_STEPS : [1], space: kind === 'bars' ? 32 : 20 },
    values: (_, splits) => splits.map((value) => formatValue(kind === 'bars' ? value : 10 ** value)),
  }
}

function axisLook(host: HTMLElement): uPlot.Axis {
  const { fontFamily } = getComputedStyle(host)
  return {
    stroke: () => colourOf(host, '--faint'),
    font: `11px ${fontFamily}`,
    ticks: { show: false },
    gap: 6,
  }
}

function inZone(zone: Zone): (atS: number) => Date {
  return (atS) => {
    const date = new Date(atS * SECOND_MS)
    return zone === 'utc' ? uPlot.tzDate(date, 'Etc/UTC') : date
  }
}

function colourOf(host: HTMLElement, name: ChartColour | '--line' | '--faint'): string {
  return getComputedStyle(host).getPropertyValue(name)
}
