/**
 * `dispatch key create`: an API key from the shell of the machine, beside a running server, so that the first webhook needs
 * neither the dashboard nor a session. Whoever can read the configuration can do this anyway, so no password is asked for.
 */
import { systemClock } from '../clock.js'
import { loadConfig, type ConfigInput } from '../config.js'
import { loadEncryptionKey } from '../config/encryption-key.js'
import { ApiKeys } from '../domain/api-key.js'
import { Projects } from '../domain/project.js'
import { createSealer } from '../domain/secrets.js'
import { SigningSecrets } from '../domain/signing-secret.js'
import { DispatchError } from '../errors.js'
import { checkEncryptionKey } from '../encryption-check.js'
import { openStore } from '../store/open.js'
import type { Project, Store } from '../store/store.js'
import { printable } from './jobs/printable.js'

export interface KeyCommand {
  readonly email: string
  /** A project's name, which is made when the account has none of it. Null = the only project there is, or `default`. */
  readonly project: string | null
  readonly label: string
  readonly json: boolean
  readonly print: (line: string) => void
  /** For people, beside the key: `$(…)` takes nothing but the key. */
  readonly printError: (line: string) => void
  readonly input?: ConfigInput
}

const FIRST_PROJECT = 'default'

/** Prints the new key. Rejects with words when it cannot be made. */
export async function keyCommand(command: KeyCommand): Promise<void> {
  const config = await loadConfig(command.input)
  const store = await openStore(config.database, { clock: systemClock })
  try {
    const sealer = createSealer((await loadEncryptionKey(config)).key)
    // A project's signing secret sealed with another key than the server's could never sign.
    await checkEncryptionKey(store, sealer)
    await createKey(command, store, new Projects(store, systemClock, new SigningSecrets(store, systemClock, sealer)))
  } finally {
    await store.close()
  }
}

async function createKey(command: KeyCommand, store: Store, projects: Projects): Promise<void> {
  const { email, label, json, print, printError } = command
  const user = await store.findUserByEmail(email)
  if (!user)
    throw new DispatchError('NOT_FOUND', { message: `There is no account ${email}; see: npx dispatch user list` })
  const project = await chooseProject(projects, user.id, command.project)
  const { key, id } = await new ApiKeys(store, systemClock).create(project.id, label)
  if (json) print(JSON.stringify({ key, id, label, project: { id: project.id, name: project.name } }))
  else {
    print(key)
    printError(`A key of the project "${printable(project.name)}" (${project.id}). It is shown only this once.`)
  }
}

async function chooseProject(projects: Projects, userId: string, name: string | null): Promise<Project> {
  const existing = await projects.list(userId)
  const matching = name === null ? existing : existing.filter((project) => project.name === name)
  const [only, another] = matching
  if (only && another) {
    const names = matching.map((project) => `"${printable(project.name)}"`).join(', ')
    const advice = name === null ? 'say which with --project NAME' : 'rename one of them'
    throw new DispatchError('CONFLICT', { message: `The account has several projects (${names}); ${advice}` })
  }
  return only ? projects.managed(userId, only.id) : projects.create(userId, name ?? FIRST_PROJECT)
}
