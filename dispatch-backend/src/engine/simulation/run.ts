/**
 * Runs seeds of the simulation: `run.ts [count] [first seed]`. Exits 1 at the first broken invariant and says how to see that
 * run again.
 */
import { simulate } from './simulation.js'

const count = Number(process.argv[2] ?? 20_000)
const first = Number(process.argv[3] ?? 1)
let jobs = 0
let sendings = 0
for (let seed = first; seed < first + count; seed += 1) {
  const result = await simulate(seed)
  jobs += result.jobs
  sendings += result.sendings
  if (result.broken.length > 0) {
    console.error(`seed ${seed} broke:\n  ${result.broken.join('\n  ')}\nreplay: npm run simulate -- 1 ${seed}`)
    process.exit(1)
  }
  if ((seed - first + 1) % 1_000 === 0)
    console.log(`${seed - first + 1} seeds: ${jobs} jobs, ${sendings} requests, all well`)
}
console.log(`${count} seeds from ${first}: ${jobs} jobs, ${sendings} requests, no invariant broken`)
