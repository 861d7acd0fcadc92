import { readFileSync } from 'node:fs'

/** Of a clock tick in `/proc`: 100 a second on every Linux that Node runs on. */
const TICK_MS = 10

/** User and system time of a process with all its threads, in ms; undefined where there is no `/proc`. */
export function cpuTimeMs(pid: number): number | undefined {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return undefined
  }
  // Fields 14 and 15 (proc(5)), counted behind the program's name, which may hold anything, in brackets.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS
}
