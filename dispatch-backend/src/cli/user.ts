/**
 * `dispatch user …`: accounts from the shell of the machine, beside a running server or without one, with mail or without.
 * Whoever can read the configuration can do all this anyway, so no password is asked for.
 */
import { Passwords } from '../auth/passwords.js'
import { formatInstant, systemClock } from '../clock.js'
import { loadConfig, type Config, type ConfigInput } from '../config.js'
import { Accounts } from '../domain/account.js'
import { newToken } from '../domain/proof.js'
import { DispatchError } from '../errors.js'
import { issueResetLink } from '../mail/write-letter.js'
import type { UserWithState } from '../store/account-store.js'
import { openStore } from '../store/open.js'
import type { Store, UserWithPassword } from '../store/store.js'

export type UserAction =
  | { readonly do: 'list' }
  | { readonly do: 'create'; readonly email: string; readonly name: string | null; readonly password: string | null }
  | { readonly do: 'reset-password'; readonly email: string; readonly random: boolean }
  | { readonly do: 'disable'; readonly email: string; readonly force: boolean }
  | { readonly do: 'enable' | 'promote'; readonly email: string }

export interface UserCommand {
  readonly action: UserAction
  readonly json: boolean
  readonly print: (line: string) => void
  readonly input?: ConfigInput
}

/** What was done: for people, and for programs. */
interface Outcome {
  readonly lines: readonly string[]
  readonly data: object
}

const PAGE = 500

/** Rejects with words when it cannot be done. */
export async function userCommand({ action, json, print, input }: UserCommand): Promise<void> {
  const config = await loadConfig(input)
  const store = await openStore(config.database, { clock: systemClock })
  try {
    const { lines, data } = await run(store, config, action)
    if (json) print(JSON.stringify(data, null, 2))
    else for (const line of lines) print(line)
  } finally {
    await store.close()
  }
}

function run(store: Store, config: Config, action: UserAction): Promise<Outcome> {
  switch (action.do) {
    case 'list':
      return list(store)
    case 'create':
      return create(store, action)
    case 'reset-password':
      return action.random ? setRandomPassword(store, action.email) : printLink(store, config, action.email)
    case 'disable':
      return disable(store, action)
    case 'enable':
      return setDisabled(store, action.email, false)
    case 'promote':
      return promote(store, action.email)
  }
}

async function list(store: Store): Promise<Outcome> {
  const users: UserWithState[] = []
  for (;;) {
    const page = await store.listUsers({ after: users.at(-1)?.email ?? '', limit: PAGE })
    users.push(...page)
    if (page.length < PAGE) break
  }
  const lines = users.map((user) => [user.email, ...traits(user)].join('  '))
  return { lines: users.length === 0 ? ['No accounts yet.'] : lines, data: users.map(shown) }
}

function traits({ name, isInstanceOwner, isEmailVerified, isDisabled, createdAtMs }: UserWithState): string[] {
  return [
    // A name may hold anything; escaped it cannot play with the terminal.
    ...(name === null ? [] : [JSON.stringify(name)]),
    ...(isInstanceOwner ? ['instance owner'] : []),
    isEmailVerified ? 'verified' : 'not verified',
    ...(isDisabled ? ['disabled'] : []),
    `since ${formatInstant(createdAtMs)}`,
  ]
}

function shown({ id, email, name, isEmailVerified, isInstanceOwner, isDisabled, createdAtMs }: UserWithState): object {
  return { id, email, name, isEmailVerified, isInstanceOwner, isDisabled, createdAt: formatInstant(createdAtMs) }
}

async function create(store: Store, action: UserAction & { do: 'create' }): Promise<Outcome> {
  const { email, name } = action
  const passwords = await Passwords.create()
  const accounts = new Accounts(store, systemClock, (password) => passwords.hash(password))
  const password = action.password ?? newToken()
  const user = await accounts.register({ email, password, name }, true)
  const made = action.password === null ? { password } : {}
  return {
    lines: [
      `Made the account ${email}${user.isInstanceOwner ? ', which owns this instance' : ''}.`,
      ...(action.password === null ? [`Password: ${password}`] : []),
    ],
    data: { ...shown({ ...user, isDisabled: false }), ...made },
  }
}

async function printLink(store: Store, config: Config, email: string): Promise<Outcome> {
  const user = await find(store, email)
  if (user.isDisabled) throw new Error(`${email} is disabled; run first: npx dispatch user enable ${email}`)
  const frontendUrl = (): string => config.frontendUrl ?? config.uiUrl ?? `http://localhost:${config.port}`
  const link = await issueResetLink({ store, clock: systemClock, frontendUrl }, user.id, email)
  const token = new URL(link).searchParams.get('token')
  return {
    lines: [
      `With this link ${email} can choose a new password, once, within an hour:`,
      link,
      'Without the dashboard: POST /api/v1/auth/reset-password with {"token": …, "password": …}.',
    ],
    data: { email, link, token },
  }
}

async function setRandomPassword(store: Store, email: string): Promise<Outcome> {
  const user = await find(store, email)
  const passwords = await Passwords.create()
  const password = newToken()
  const newHash = await passwords.hash(password)
  const change = { userId: user.id, oldHash: user.passwordHash, newHash, keepSessionId: null, mail: null }
  if (!(await store.changePassword(change))) throw new Error('The password was changed just now; try again.')
  return { lines: [`${email} has a new password, and is signed out everywhere.`, `Password: ${password}`], data: { email, password } } // prettier-ignore
}

/** Without its owner nobody can administer the instance, so that is not done by accident. */
async function disable(store: Store, { email, force }: UserAction & { do: 'disable' }): Promise<Outcome> {
  const { isInstanceOwner } = await find(store, email)
  if (isInstanceOwner && !force) {
    throw new Error(
      `${email} owns this instance, and nobody could administer it then; make another account its owner first ` +
        '(npx dispatch user promote EMAIL), or disable it all the same with --force',
    )
  }
  return setDisabled(store, email, true)
}

async function setDisabled(store: Store, email: string, isDisabled: boolean): Promise<Outcome> {
  const user = await find(store, email)
  await store.setUserDisabled({ id: user.id, isDisabled })
  const line = isDisabled
    ? `${email} is disabled: signed out everywhere, and cannot sign in. API keys and jobs go on.`
    : `${email} can sign in again.`
  return { lines: [line], data: { email, isDisabled } }
}

async function promote(store: Store, email: string): Promise<Outcome> {
  const user = await find(store, email)
  if (user.isDisabled) throw new Error(`${email} is disabled; run first: npx dispatch user enable ${email}`)
  if (!(await store.setInstanceOwner(user.id))) throw unknown(email)
  return { lines: [`${email} owns this instance now; nobody else does.`], data: { email, isInstanceOwner: true } }
}

async function find(store: Store, email: string): Promise<UserWithPassword> {
  const user = await store.findUserByEmail(email)
  if (!user) throw unknown(email)
  return user
}

function unknown(email: string): DispatchError {
  return new DispatchError('NOT_FOUND', { message: `There is no account ${email}; see: npx dispatch user list` })
}
