/** `npm run bench`: measures, prints a table, writes the figures. `bench/README.md` says what they mean. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { ensureReady, ROOT } from '../scripts/ensure.mjs'
import { runBenchmark, type Results } from './benchmark.js'
import { readOptions, USAGE, type Options } from './options.js'
import { isFaultless, renderReport } from './report.js'

const say = (line: string): void => console.error(line)

function optionsOrExit(): Options {
  try {
    const options = readOptions(process.argv.slice(2))
    if (options) return options
    console.log(USAGE)
    process.exit(0)
  } catch (error) {
    say(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
    process.exit(2)
  }
}

function writeResults(results: Results, file: string | undefined): string {
  const name = `${results.startedAt.replaceAll(':', '-')}.json`
  const path = resolve(file ?? join(ROOT, '.cache', 'bench', name))
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${JSON.stringify(results, null, 2)}\n`)
  return path
}

const { jsonFile, ...options } = optionsOrExit()
await ensureReady()
const results = await runBenchmark(options, say)
say(`written to ${writeResults(results, jsonFile)}`)
console.log(renderReport(results))
if (!isFaultless(results)) {
  say('Jobs were lost, duplicated, early or refused: see the last line of the table.')
  process.exitCode = 1
}
