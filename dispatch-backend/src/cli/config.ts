import { CONFIG_EXIT_CODE, examineConfig, type ConfigInput, type Examination } from '../config.js'

export interface ConfigCommand {
  readonly json: boolean
  readonly print: (line: string) => void
  readonly input?: ConfigInput
}

/**
 * `dispatch config`: prints each setting's value (secrets masked) and where it came from, then what is wrong. Answers the
 * exit code: 0, or 78 when there are mistakes.
 */
export async function configCommand({ json, print, input }: ConfigCommand): Promise<number> {
  const found = await examineConfig(input)
  if (json) print(JSON.stringify(toJson(found), null, 2))
  else for (const line of toLines(found)) print(line)
  return found.config ? 0 : CONFIG_EXIT_CODE
}

function toJson({ settings, mistakes, warnings, config }: Examination): object {
  return { settings, database: config ? databaseIn(config) : null, mistakes, warnings }
}

function toLines({ settings, mistakes, warnings, config }: Examination): string[] {
  const shown = settings.map(({ name, value, source }) => ({ name, value: showValue(value), source }))
  const nameWidth = Math.max(...shown.map(({ name }) => name.length))
  const valueWidth = Math.max(...shown.map(({ value }) => value.length))
  return [
    ...shown.map(({ name, value, source }) => `${name.padEnd(nameWidth)}  ${value.padEnd(valueWidth)}  ${source}`),
    ...(config ? ['', `Database: ${databaseIn(config)}`] : []),
    ...warnings.flatMap((warning) => ['', `Warning: ${warning}`]),
    ...(mistakes.length > 0 ? ['', 'Mistakes:', ...mistakes.map((mistake) => `  ${mistake}`)] : []),
    ...(mistakes.length > 0 ? ['docs/configuration.md describes every setting.'] : []),
  ]
}

/** A text with control characters could rewrite the terminal: such a one is shown escaped. */
function showValue(value: string | null): string {
  if (value === null) return '(unset)'
  if (value === '') return '(empty)'
  return /\p{C}/u.test(value) ? JSON.stringify(value) : value
}

/** Which database the settings come to, without credentials. */
function databaseIn({ database }: NonNullable<Examination['config']>): string {
  if (database.kind === 'sqlite') return `SQLite at ${database.file}`
  const { kind, host, port, database: name, tls } = database
  const product = kind === 'postgres' ? 'PostgreSQL' : 'MySQL or MariaDB'
  return `${product} at ${host.includes(':') ? `[${host}]` : host}:${port}/${name}, TLS ${tls}`
}
