// Runs a program and shows what it says.
import { spawn } from 'node:child_process'
import { clearInterval, setInterval } from 'node:timers'

/**
 * Resolves with the exit code (128 + n when a signal ended it).
 *
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd: string, env?: NodeJS.ProcessEnv, stillRunning?: (seconds: number) => void }} options `stillRunning` is
 *   called every 20 s
 * @returns {Promise<number>}
 */
export function run(program, args, { cwd, env = process.env, stillRunning = () => {} }) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: 'inherit' })
    let seconds = 0
    const tick = setInterval(() => stillRunning((seconds += 20)), 20_000)
    child.once('error', reject)
    child.once('close', (code, signal) => {
      clearInterval(tick)
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143))
    })
  })
}

/**
 * A message for people to standard error, so that it never mixes with a program's output.
 *
 * @param {string} line
 */
export function say(line) {
  process.stderr.write(`${line}\n`)
}

/** Ends the program with these words instead of a stack trace. */
export class Stop extends Error {}

/**
 * Runs a script's main function; a `Stop` ends it with its words and exit code 1.
 *
 * @param {() => Promise<number | void>} main answers the exit code; nothing = whatever keeps running goes on
 */
export async function runMain(main) {
  try {
    const code = await main()
    if (code !== undefined) process.exitCode = code
  } catch (error) {
    if (!(error instanceof Stop)) throw error
    say(error.message)
    process.exitCode = 1
  }
}
