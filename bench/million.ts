/** `npm run bench:million`: how the dashboard's reads and exports do on a million jobs. `bench/README.md` has results. */
import { parseArgs } from 'node:util'
import { ensureReady } from '../scripts/ensure.mjs'
import { DATABASES } from './databases.js'
import { measure } from './million/measure.js'
import { renderMillion, type MillionResults } from './million/report.js'

const USAGE = `npm run bench:million -- [options]

  --databases LIST   of ${DATABASES.join(', ')}; all by default
  --jobs N           1000000 by default
  --projects N       100 by default: one has half of the jobs
  --runs N           of each read; 7 by default
  --help             this`

const say = (line: string): void => console.error(line)

const { values } = parseArgs({
  options: {
    databases: { type: 'string', default: DATABASES.join(',') },
    jobs: { type: 'string', default: '1000000' },
    projects: { type: 'string', default: '100' },
    runs: { type: 'string', default: '7' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(USAGE)
} else {
  await ensureReady()
  const sizes = { jobs: Number(values.jobs), projects: Number(values.projects), runs: Number(values.runs) }
  const results: MillionResults[] = []
  for (const name of DATABASES.filter((one) => values.databases.split(',').includes(one))) {
    const result = await measure(name, sizes, say)
    if (result) results.push(result)
    else say(`${name} is not installed here`)
  }
  console.log(renderMillion(results))
}
