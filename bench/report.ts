/** Medians over the rounds, as tables. Ratios are taken within a round and then compared, because machines change their pace. */
import type { Results, Round } from './benchmark.js'
import { DATABASES, type DatabaseName } from './databases.js'
import type { Accepted } from './acceptance.js'
import { ACCEPTING_CONNECTIONS, type DatabaseRound, type Delivered, type Faults } from './round.js'
import { median, type Spread } from './samples.js'

/** Markdown, for people. */
export function renderReport(results: Results): string {
  const { machine, rounds, sizes, startedAt } = results
  const { syncMs } = machine
  const lines = [
    `${startedAt.slice(0, 10)}, ${machine.cores} cores (${machine.cpu}), ${machine.memoryGiB} GiB, ${machine.system}, Node ${machine.node}`,
    `Load at the start: ${machine.loadAtStart}. 4 KiB written and synced: p50 ${ms(syncMs.p50)}, p99 ${ms(syncMs.p99)}.`,
    `${rounds.length} round(s); medians, ratios within a round.`,
    '',
    ...table(['ceiling', 'per second', 'CPU per 1,000'], ceilingRows(rounds)),
    '',
    ...table(
      ['', ...databasesOf(rounds)],
      measures(sizes.steadyRates).map(([label, show]) => [label, ...cells(rounds, show)]),
    ),
  ]
  const lost = rounds
    .flatMap(({ databases }) => Object.values(databases).flatMap(allFaults))
    .flatMap((one) => one.lostJobs)
  if (lost.length > 0) lines.push('', 'Lost, as the server sees them:', ...lost.map((line) => `- ${line}`))
  for (const name of results.notRun) lines.push('', `NOT RUN on ${name}: no server found; install it`)
  return `${lines.join('\n')}\n`
}

/** Every accepted job arrived once, and not early. */
export function isFaultless({ rounds }: Results): boolean {
  return rounds
    .flatMap(({ databases }) => Object.values(databases).flatMap(allFaults))
    .every((faults) => faultsIn(faults) === 0)
}

function allFaults({ drained, steady, burst }: DatabaseRound): Faults[] {
  return [drained, ...steady, burst].map(({ faults }) => faults)
}

function faultsIn({ lost, duplicates, early, unknown, refused }: Faults): number {
  return lost + duplicates + early + unknown + refused
}

function ceilingRows(rounds: readonly Round[]): string[][] {
  const of = (pick: (ceilings: Round['ceilings']) => number): number =>
    median(rounds.map((round) => pick(round.ceilings)))
  return [['undici.request', count(of((one) => one.rawPerSecond)), ms(of((one) => one.rawCpuMsPer1000))]]
}

type Show = (rounds: readonly { round: DatabaseRound; ceilings: Round['ceilings'] }[]) => string
type Measure = readonly [label: string, show: Show]

function measures(rates: readonly number[]): Measure[] {
  const of = (pick: (round: DatabaseRound) => number): ((rounds: Parameters<Show>[0]) => number) => {
    return (rounds) => median(rounds.map(({ round }) => pick(round)))
  }
  const delivered = (label: string, pick: (round: DatabaseRound) => Delivered): Measure[] => [
    [`${label}: lateness p50 / p99 / max`, (rounds) => lateness(rounds.map(({ round }) => pick(round).lateness))],
    [`${label}: CPU per 1,000`, (rounds) => cpu(rounds.map(({ round }) => pick(round).cpuMsPer1000))],
  ]
  return [
    ...ACCEPTING_CONNECTIONS.flatMap(acceptance),
    ['deliveries/s, all due at once', (rounds) => count(of((round) => round.drained.perSecond)(rounds))],
    [
      '… of the raw client',
      (rounds) => ratio(rounds.map(({ round, ceilings }) => round.drained.perSecond / ceilings.rawPerSecond)),
    ],
    ['… CPU per 1,000', (rounds) => cpu(rounds.map(({ round }) => round.drained.cpuMsPer1000))],
    ...rates.flatMap((rate, index) => delivered(`${rate}/s`, (round) => round.steady[index]!)),
    ...delivered('one instant, one endpoint', ({ burst }) => burst),
    ['lost + duplicate + early + refused', (rounds) => faultWords(rounds.flatMap(({ round }) => allFaults(round)))],
  ]
}

function acceptance(connections: number, index: number): Measure[] {
  const all = (rounds: Parameters<Show>[0]): Accepted[] => rounds.map(({ round }) => round.accepted[index]!)
  const middle = (rounds: Parameters<Show>[0], pick: (one: Accepted) => number): number => median(all(rounds).map(pick))
  return [
    [`accepted jobs/s, ${connections} connections`, (rounds) => count(middle(rounds, (one) => one.perSecond))],
    ['… bare fastify in between', (rounds) => count(middle(rounds, (one) => one.barePerSecond))],
    ['… of bare fastify', (rounds) => ratio(all(rounds).map((one) => one.ofBare))],
    ['… CPU per 1,000', (rounds) => cpu(all(rounds).map((one) => one.cpuMsPer1000))],
    ['… CPU per 1,000 of bare fastify', (rounds) => cpu(all(rounds).map((one) => one.bareCpuMsPer1000))],
    ['… answer p50 / p99 / max', (rounds) => lateness(all(rounds).map((one) => one.latencyMs))],
  ]
}

function cells(rounds: readonly Round[], show: Show): string[] {
  return databasesOf(rounds).map((name) =>
    show(rounds.flatMap(({ databases, ceilings }) => (databases[name] ? [{ round: databases[name], ceilings }] : []))),
  )
}

function databasesOf(rounds: readonly Round[]): DatabaseName[] {
  return DATABASES.filter((name) => rounds.some(({ databases }) => databases[name] !== undefined))
}

function lateness(spreads: readonly Spread[]): string {
  const of = (pick: (spread: Spread) => number): string => round(median(spreads.map(pick)))
  return `${of(({ p50 }) => p50)} / ${of(({ p99 }) => p99)} / ${of(({ max }) => max)} ms`
}

function cpu(values: readonly (number | null)[]): string {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? 'not measured' : ms(median(known))
}

function faultWords(all: readonly Faults[]): string {
  const sum = (pick: (faults: Faults) => number): number => all.reduce((total, faults) => total + pick(faults), 0)
  const kinds = [
    sum((one) => one.lost),
    sum((one) => one.duplicates),
    sum((one) => one.early),
    sum((one) => one.refused),
  ]
  return `${kinds.join(' + ')} of ${count(sum((one) => one.expected))}`
}

const ratio = (values: readonly number[]): string => median(values).toFixed(2)
const count = (value: number): string => Math.round(value).toLocaleString('en')
const round = (value: number): string => (value < 10 ? value.toFixed(1).replace(/\.0$/, '') : String(Math.round(value)))
const ms = (value: number): string => `${round(value)} ms`

/** Aligned, so that it reads well without rendering too. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => row[column]?.length ?? 0)))
  const line = (cellsOfRow: readonly string[]): string =>
    `| ${widths.map((width, column) => (cellsOfRow[column] ?? '').padEnd(width)).join(' | ')} |`
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)]
}
