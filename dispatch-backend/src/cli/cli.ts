/** The `dispatch` command. `bin/dispatch.mjs` calls `runCli` after making sure that everything is built. */
import { Command, Option } from 'commander'
import { systemClock } from '../clock.js'
import { reportFailure, serve } from '../serve.js'
import { configCommand } from './config.js'
import { addDemoCommand } from './demo-command.js'
import { jobsCommand, type JobsCommand } from './jobs/jobs.js'
import { painter } from './jobs/table.js'
import { addKeyCommand } from './key-command.js'
import { migrateCommand } from './migrate.js'
import { addUserCommands } from './user-commands.js'

/** Runs the command that `argv` (as in `process.argv`) names; failures are told in words and set the exit code. */
export async function runCli(argv: readonly string[]): Promise<void> {
  // Who reads our output may have seen enough (`npx dispatch config | head`): no failure.
  process.stdout.on('error', () => undefined)
  const program = new Command('dispatch').description('Fires webhooks at an exact millisecond.')
  program
    .command('serve')
    .description('run the server until SIGTERM or SIGINT')
    .action(() => serve())
  program
    .command('migrate')
    .description('bring the database to the schema of this version; safe to run again')
    .addOption(new Option('--status', 'only say what is applied and what is missing').conflicts('dryRun'))
    .option('--dry-run', 'only print the statements that would run')
    .action(({ status, dryRun }: { status?: true; dryRun?: true }) =>
      migrateCommand({ mode: status ? 'status' : dryRun ? 'dryRun' : 'apply', print }),
    )
  program
    .command('config')
    .description('print every setting, where it came from and what is wrong; secrets are masked')
    .option('--json', 'as one JSON document')
    .action(async ({ json }: { json?: true }) => {
      process.exitCode = await configCommand({ json: json === true, print })
    })
  addDemoCommand(program)
  program.addCommand(jobsCommand({ print, printError, clock: systemClock, ...processStreams() }))
  addUserCommands(program, print)
  addKeyCommand(program, { print, printError })
  try {
    await program.parseAsync(argv)
  } catch (error) {
    process.exitCode = reportFailure(error)
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}

function printError(line: string): void {
  process.stderr.write(`${line}\n`)
}

function processStreams(): Pick<JobsCommand, 'stdin' | 'stdout' | 'paint' | 'setExitCode'> {
  const { stdin, stdout } = process
  return { stdin, stdout, paint: painter(stdout), setExitCode: (code) => (process.exitCode = code) }
}
