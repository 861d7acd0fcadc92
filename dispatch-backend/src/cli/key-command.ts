/** The arguments of `dispatch key …`. */
import type { Command } from 'commander'
import { createApiKeyBody, createProjectBody } from 'dispatch-contract'
import { readArgument, readEmail } from './arguments.js'
import { keyCommand } from './key.js'

interface Options {
  readonly json?: true
  readonly project?: string
  readonly label: string
}

export interface Printing {
  readonly print: (line: string) => void
  readonly printError: (line: string) => void
}

export function addKeyCommand(program: Command, printing: Printing): void {
  program
    .command('key')
    .description('make API keys, beside a running server too')
    .command('create <email>')
    .description('make an API key in a project of this account, and print it')
    .option('--project <name>', 'the project; it is made when there is none of this name')
    .option('--label <text>', 'where the key will live', 'command line')
    .option('--json', 'as one JSON document')
    .action(async (email: string, { project, label, json }: Options) => {
      await keyCommand({
        email: readEmail(email),
        project: project === undefined ? null : readArgument(createProjectBody.shape.name, project, 'project'),
        label: readArgument(createApiKeyBody.shape.label, label, 'label'),
        json: json === true,
        ...printing,
      })
    })
}
