/** The arguments of `dispatch demo`. */
import type { Command } from 'commander'
import { systemClock } from '../clock.js'
import { demoCommand, type DemoOptions } from './demo/demo.js'

const HELP = `
Without --server it starts a server of its own (SQLite in a temporary folder, a free port) and throws it away at the end.
With --server its jobs stay in that project's list, and what has not fired at the end is cancelled.
Exit codes: 0 all came as planned; 1 something did not; 69 no answer, try again; 78 not configured.`

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('schedule some 200 webhooks and watch them fire; takes 10 seconds and leaves nothing behind')
    .option('--server <url>', 'use this running server')
    .option('--key <key>', 'the API key of a project there; better set as DISPATCH_API_KEY, where nobody else sees it')
    .option('--receiver <host>', 'the name by which that server reaches this machine', undefined)
    .option('--plain', 'lines that scroll by instead of one picture')
    .addHelpText('after', HELP)
    .action(async (options: DemoOptions) => {
      const { stdout, stderr } = process
      const printError = (line: string): void => void stderr.write(`${line}\n`)
      process.exitCode = await demoCommand(options, { stdout, printError, clock: systemClock })
    })
}
