/** All rounds: starts the processes, measures, stops everything, whatever happens in between. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase, type DatabaseName } from './databases.js'
import { startDispatch } from './dispatch-server.js'
import { describeMachine, type Machine } from './machine.js'
import type { Options } from './options.js'
import { BenchProcess } from './process.js'
import type { BareServerVerbs } from './processes/bare-server.js'
import type { LoadClientVerbs } from './processes/load-client.js'
import type { RawClientVerbs } from './processes/raw-client.js'
import type { ReceiverVerbs } from './processes/receiver.js'
import { measureCeilings, measureDatabase, type Ceilings, type DatabaseRound, type Processes } from './round.js'

export interface Round {
  readonly ceilings: Ceilings
  readonly databases: Readonly<Partial<Record<DatabaseName, DatabaseRound>>>
}

export interface Results {
  readonly startedAt: string
  readonly machine: Machine
  readonly sizes: Options['sizes']
  readonly rounds: readonly Round[]
  /** Their programs are not installed. */
  readonly notRun: readonly DatabaseName[]
}

const ENDPOINTS = 4
/** One project may hold an eighth of the server's due queue, 16,384 jobs: more than that are due at once. */
const PROJECTS = 2

/** `say` is told what goes on. Rejects when a process fails; jobs that are lost or early are results, not failures. */
export async function runBenchmark(options: Omit<Options, 'jsonFile'>, say: (line: string) => void): Promise<Results> {
  const startedAt = new Date().toISOString()
  const folder = await mkdtemp(join(tmpdir(), 'dispatch-bench-'))
  const processes = await startProcesses()
  try {
    const machine = describeMachine(folder)
    const rounds: Round[] = []
    const notRun = new Set<DatabaseName>()
    for (let number = 1; number <= options.rounds; number += 1) {
      say(`round ${number} of ${options.rounds}: raw client`)
      const ceilings = await measureCeilings(processes, options.sizes)
      const databases: Partial<Record<DatabaseName, DatabaseRound>> = {}
      for (const name of options.databases.filter((candidate) => !notRun.has(candidate))) {
        say(`round ${number} of ${options.rounds}: ${name}`)
        const round = await measureOn(name, folder, processes, options)
        if (round) databases[name] = round
        else notRun.add(name)
      }
      rounds.push({ ceilings, databases })
    }
    return { startedAt, machine, sizes: options.sizes, rounds, notRun: [...notRun] }
  } finally {
    await stopProcesses(processes)
    await rm(folder, { recursive: true, force: true })
  }
}

/** On an empty database and a fresh server; undefined when there is no such database here. */
async function measureOn(
  name: DatabaseName,
  parent: string,
  processes: Processes,
  { sizes, profileFolder }: Omit<Options, 'jsonFile'>,
): Promise<DatabaseRound | undefined> {
  const folder = await mkdtemp(join(parent, `${name}-`))
  const database = await openDatabase(name, folder)
  if (!database) return undefined
  try {
    const profile = profileFolder === undefined ? {} : { profileFolder }
    const server = await startDispatch({ databaseUrl: database.url, folder, projects: PROJECTS, ...profile })
    try {
      return await measureDatabase(server, processes, sizes)
    } finally {
      await server.stop()
    }
  } finally {
    await database.close()
    await rm(folder, { recursive: true, force: true })
  }
}

async function startProcesses(): Promise<Processes> {
  const receiver = await BenchProcess.start<ReceiverVerbs>('receiver')
  const ports = await receiver.call('listen', ENDPOINTS)
  const bareServer = await BenchProcess.start<BareServerVerbs>('bare-server')
  return {
    receiver,
    bareServer,
    loadClient: await BenchProcess.start<LoadClientVerbs>('load-client'),
    rawClient: await BenchProcess.start<RawClientVerbs>('raw-client'),
    webhookUrls: ports.map((port) => `http://127.0.0.1:${port}/hook`),
    bareServerPort: await bareServer.call('listen', undefined),
  }
}

async function stopProcesses({ receiver, loadClient, rawClient, bareServer }: Processes): Promise<void> {
  await Promise.all([receiver, loadClient, rawClient, bareServer].map((one) => one.stop()))
}
