/** The arguments of `dispatch user …`. */
import { text as readAll } from 'node:stream/consumers'
import type { Command } from 'commander'
import { newPassword, registerBody } from 'dispatch-contract'
import { readArgument, readEmail } from './arguments.js'
import { userCommand, type UserAction } from './user.js'

interface Options {
  readonly json?: true
  readonly name?: string
  readonly passwordStdin?: true
  readonly random?: true
  readonly force?: true
}

export function addUserCommands(program: Command, print: (line: string) => void): void {
  const user = program.command('user').description('list, make and mend accounts, beside a running server too')
  const add = (usage: string, description: string): Command =>
    user.command(usage).description(description).option('--json', 'as one JSON document')
  const run = (action: UserAction, { json }: Options): Promise<void> =>
    userCommand({ action, json: json === true, print })

  add('list', 'every account by its address').action((options: Options) => run({ do: 'list' }, options))
  add('create <email>', 'make an account that is ready at once; prints its password')
    .option('--name <name>', 'what to call the person')
    .option('--password-stdin', 'take the password from the standard input instead of making one up')
    .action(async (email: string, options: Options) => {
      const name =
        options.name === undefined ? null : (readArgument(registerBody.shape.name, options.name, 'name') ?? null)
      const password = options.passwordStdin ? await readPassword() : null
      await run({ do: 'create', email: readEmail(email), name, password }, options)
    })
  add('reset-password <email>', 'print a link to choose a new password with, once, within an hour')
    .option('--random', 'set a new random password instead, print it, and end all sessions')
    .action((email: string, options: Options) =>
      run({ do: 'reset-password', email: readEmail(email), random: options.random === true }, options),
    )
  add('disable <email>', 'end all sessions and refuse to sign in')
    .option('--force', 'also the owner of this instance')
    .action((email: string, options: Options) =>
      run({ do: 'disable', email: readEmail(email), force: options.force === true }, options),
    )
  const changes = {
    enable: 'undo disable',
    promote: 'make the account the owner of this instance, in the place of the present one',
  } as const
  for (const [name, description] of Object.entries(changes)) {
    add(`${name} <email>`, description).action((email: string, options: Options) =>
      run({ do: name as keyof typeof changes, email: readEmail(email) }, options),
    )
  }
}

async function readPassword(): Promise<string> {
  const given = (await readAll(process.stdin)).replace(/\r?\n$/, '')
  return readArgument(newPassword, given, 'password')
}
