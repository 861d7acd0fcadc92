/** `dispatch jobs create | list | export | get | cancel | watch`: a project's jobs on a server, over its API. */
import { Command, Option } from 'commander'
import { Dispatch, type ExportFileOptions, type JobDetails, type JobStatus } from 'dispatch-client'
import type { Clock } from '../../clock.js'
import { loadSettings, type ConfigInput } from '../../config.js'
import { EXIT, explainFailure, MissingKeyError } from './failure.js'
import { writeExport } from './write-export.js'
import { newJobFrom, type CreateOptions } from './new-job.js'
import { printableJson } from './printable.js'
import { attemptLine, describeJob, LIST_HEAD, listRow, statusLine, type Paint } from './table.js'
import { changesOf } from './watch.js'

export interface JobsCommand {
  readonly print: (line: string) => void
  readonly printError: (line: string) => void
  readonly clock: Clock
  readonly stdin: NodeJS.ReadableStream
  readonly stdout: NodeJS.WritableStream
  readonly paint: Paint
  readonly setExitCode: (code: number) => void
  readonly input?: ConfigInput
}

interface Format {
  readonly json?: true
}

interface ListOptions extends Format {
  readonly status?: JobStatus
  readonly project?: string
  readonly limit: string
  readonly all?: true
}

type ExportCommandOptions = Omit<ExportFileOptions, 'status' | 'q' | 'signal' | 'projectId'> & {
  readonly status?: string
  readonly search?: string
  readonly output: string
}

const STATUSES = ['SCHEDULED', 'FIRING', 'SUCCESS', 'FAILED', 'DEAD', 'CANCELLED'] satisfies JobStatus[]

const HELP = `
The server is DISPATCH_URL (default http://localhost:4000), the project that of DISPATCH_API_KEY: from the environment or .env.
Exit codes: 0 done; 1 refused; 3 watch: the job ended DEAD or CANCELLED; 69 no answer, try again; 78 not configured.`

/** The group of commands, for the program to take in. Failures are told in words; the exit code is one of `EXIT`. */
export function jobsCommand(surroundings: JobsCommand): Command {
  const group = new Command('jobs').description('schedule, list, show, cancel and watch jobs on a server')
  group.addHelpText('after', HELP)
  addCreate(group, surroundings)
  addList(group, surroundings)
  addExport(group, surroundings)
  addGet(group, surroundings)
  addCancel(group, surroundings)
  addWatch(group, surroundings)
  return group
}

function addCreate(group: Command, surroundings: JobsCommand): void {
  jsonCommand(group, 'create', 'schedule a job')
    .requiredOption('--title <text>', 'a name for people')
    .requiredOption('--url <url>', 'where to POST to')
    .addOption(new Option('--at <instant>', 'when, in UTC: 2031-06-13T09:30:00Z').conflicts('in'))
    .option('--in <duration>', 'when, from now by this clock: 90s, 5m, 2h, 1d; a bare number means seconds')
    .option('--payload <json>', 'a JSON object, delivered byte for byte')
    .addOption(new Option('--payload-file <file>', 'the same from a file; - = standard input').conflicts('payload'))
    .option('--idempotency-key <key>', 'makes the same command twice schedule once (with --at)')
    .action((options: CreateOptions & Format) =>
      run(surroundings, async (client, { print, stdin, paint }) => {
        const { idempotencyKey } = options
        const job = await newJobFrom(options, stdin)
        const made = await client.schedule(job, idempotencyKey === undefined ? {} : { idempotencyKey })
        if (options.json) print(printableJson(made))
        else describeJob(made, paint).forEach(print)
      }),
    )
}

function addList(group: Command, surroundings: JobsCommand): void {
  jsonCommand(group, 'list', 'list jobs, newest first')
    .addOption(new Option('--status <status>', 'only jobs in this state').choices(STATUSES))
    .option('--project <id>', "only jobs of this project: the key's own")
    .addOption(new Option('--limit <number>', 'at most so many, up to 100').default('20').conflicts('all'))
    .option('--all', 'every job')
    .action(({ json, status, project, limit, all }: ListOptions) =>
      run(surroundings, async (client, { print, paint }) => {
        const filter = { ...(status && { status }), ...(project !== undefined && { projectId: project }) }
        const page = all ? undefined : await client.listPage({ ...filter, limit: Number(limit) })
        if (!json) print(LIST_HEAD)
        for await (const job of page?.jobs ?? client.list(filter))
          print(json ? printableJson(job) : listRow(job, paint))
        const more = page ? page.pagination.total - page.jobs.length : 0
        if (!json && more > 0) print(`… and ${more} more (--all shows them)`)
      }),
    )
}

function addExport(group: Command, surroundings: JobsCommand): void {
  const command = group.command('export').description('write every matching job into a file, or to the standard output')
  command
    .addOption(
      new Option('--format <format>', 'csv for spreadsheets, jsonl with payloads')
        .choices(['csv', 'jsonl'])
        .default('csv'),
    )
    .option('--status <list>', 'only jobs in these states, separated by commas')
    .option('--endpoint <url>', 'only jobs to this scheme, host and port')
    .option('--from <instant>', 'only jobs created (with --sort due: due) from then on, in UTC')
    .option('--to <instant>', 'only jobs created (with --sort due: due) before then')
    .option('--search <text>', "an id's beginning, or a part of host or title")
    .addOption(new Option('--sort <by>', 'by creation or due time').choices(['created', 'due']))
    .addOption(new Option('--order <order>', 'latest or earliest first').choices(['desc', 'asc']))
    .option('--output <file>', 'where to; it is there once all of it is; - = standard output', '-')
    .action(({ output, search, status, ...rest }: ExportCommandOptions) =>
      run(surroundings, async (client, { stdout, printError }) => {
        const filter = {
          ...rest,
          ...(status !== undefined && { status: status.split(',') as JobStatus[] }),
          ...(search !== undefined && { q: search }),
        }
        const bytes = await writeExport(client.exportFile(filter), output, stdout)
        if (output !== '-') printError(`Wrote ${bytes.toLocaleString('en')} bytes to ${output}.`)
      }),
    )
}

function addGet(group: Command, surroundings: JobsCommand): void {
  jsonCommand(group, 'get <id>', 'show a job and its attempts').action((id: string, { json }: Format) =>
    run(surroundings, async (client, { print, paint }) => {
      const job = await client.get(id)
      if (json) print(printableJson(job))
      else describeJob(job, paint).forEach(print)
    }),
  )
}

function addCancel(group: Command, surroundings: JobsCommand): void {
  jsonCommand(group, 'cancel <id>', 'cancel a job that has not fired')
    .option('--retrying', 'also when it failed and waits for its retry')
    .action((id: string, { json, retrying }: Format & { retrying?: true }) =>
      run(surroundings, async (client, { print }) => {
        await client.cancel(id, { retrying: retrying === true })
        print(json ? printableJson({ id, status: 'CANCELLED' }) : `Cancelled ${id}.`)
      }),
    )
}

function addWatch(group: Command, surroundings: JobsCommand): void {
  jsonCommand(group, 'watch <id>', 'show each change of a job until it ends').action((id: string, { json }: Format) =>
    run(surroundings, async (client, { print, clock, setExitCode, paint }) => {
      let last: JobDetails | undefined
      for await (const job of changesOf(client, id, clock)) {
        if (json) print(printableJson(job))
        else {
          const fresh = [...job.logs].reverse().slice(last?.logs.length ?? 0)
          for (const log of fresh) print(attemptLine(log, paint))
          if (job.status !== last?.status) print(statusLine(job, paint))
        }
        last = job
      }
      if (last?.status !== 'SUCCESS') setExitCode(EXIT.notDelivered)
    }),
  )
}

function jsonCommand(group: Command, name: string, description: string): Command {
  return group.command(name).description(description).option('--json', 'JSON, one document on a line')
}

async function run(
  surroundings: JobsCommand,
  body: (client: Dispatch, surroundings: JobsCommand) => Promise<void>,
): Promise<void> {
  try {
    const { dispatchUrl, dispatchApiKey } = await loadSettings(['dispatchUrl', 'dispatchApiKey'], surroundings.input)
    if (dispatchApiKey === null) throw new MissingKeyError()
    await body(new Dispatch({ url: dispatchUrl, apiKey: dispatchApiKey }), surroundings)
  } catch (error) {
    const { lines, exitCode } = explainFailure(error)
    lines.forEach(surroundings.printError)
    surroundings.setExitCode(exitCode)
  }
}
