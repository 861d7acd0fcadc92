import { parseArgs } from 'node:util'
import { DATABASES, type DatabaseName } from './databases.js'
import type { Sizes } from './round.js'

export interface Options {
  readonly databases: readonly DatabaseName[]
  readonly rounds: number
  readonly sizes: Sizes
  /** Where the results go; undefined = a new file in `.cache/bench`. */
  readonly jsonFile: string | undefined
  readonly profileFolder: string | undefined
}

export const FULL: Sizes = {
  warmUpJobs: 2_000,
  jobs: 20_000,
  steadyRates: [200, 1_000],
  steadySeconds: 10,
  burstJobs: 2_000,
}
export const QUICK: Sizes = { ...FULL, warmUpJobs: 500, jobs: 4_000, steadySeconds: 3 }

export const USAGE = `npm run bench -- [options]

  --databases LIST   of ${DATABASES.join(', ')}; all by default
  --rounds N         3 by default; the tables show medians
  --quick            smaller numbers: ${QUICK.jobs} jobs instead of ${FULL.jobs}, ${QUICK.steadySeconds} s instead of ${FULL.steadySeconds} s
  --json FILE        where the results are written; by default a new file in .cache/bench
  --profile FOLDER   CPU profiles of the server's threads go there (the figures are then lower)
  --help             this`

/** Throws an error with words for people when something is not understood; undefined = help is wanted. */
export function readOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      databases: { type: 'string' },
      rounds: { type: 'string', default: '3' },
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return undefined
  return {
    databases: values.databases === undefined ? DATABASES : values.databases.split(',').map(databaseNamed),
    rounds: roundsOf(values.rounds),
    sizes: values.quick ? QUICK : FULL,
    jsonFile: values.json,
    profileFolder: values.profile,
  }
}

function databaseNamed(text: string): DatabaseName {
  const name = DATABASES.find((candidate) => candidate === text.trim().toLowerCase())
  if (!name) throw new Error(`--databases: expected some of ${DATABASES.join(', ')}; got ${JSON.stringify(text)}`)
  return name
}

function roundsOf(text: string): number {
  if (/^[1-9]\d?$/.test(text)) return Number(text)
  throw new Error(`--rounds: expected a number from 1 to 99; got ${JSON.stringify(text)}`)
}
