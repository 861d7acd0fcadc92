/**
 * The only reader of the environment. `config/table.ts` lists the settings; this file finds their texts, parses them and
 * reports all mistakes at once. The real environment wins over `dispatch-backend/.env`, that over `.env` at the root; an
 * empty text counts as unset.
 */
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chooseDatabase } from './config/database.js'
import { readEnvFile, type EnvFile } from './config/dotenv.js'
import { chooseMail, mailContradictions } from './config/mail.js'
import { SettingError, type Setting } from './config/setting.js'
import { showSetting, type Found, type ShownSetting } from './config/shown-setting.js'
import { SETTINGS } from './config/table.js'
import type { MailServer } from './mail/mailer.js'
import type { DatabaseConfig } from './store/database-config.js'

type Table = typeof SETTINGS
export type Settings = { readonly [Key in keyof Table]: Table[Key] extends Setting<infer Value> ? Value : never }

export interface Config extends Settings {
  readonly database: DatabaseConfig
  /** null = mail is off. */
  readonly mail: MailServer | null
  /** Absolute; null = no dashboard. */
  readonly staticFolder: string | null
  /** Absolute path of the repository; `data/` and `.env` lie in it, whatever the working directory. */
  readonly root: string
  /** Where each setting's text was found, by its name: `environment`, the file's path, or `default`. */
  readonly sources: Readonly<Record<string, string>>
  /** Sentences for the log. */
  readonly warnings: readonly string[]
}

export interface ConfigInput {
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly root?: string
  /** `.env` files, the strongest last. */
  readonly files?: readonly string[]
}

/** The configuration cannot be used. `mistakes` name the setting, what was expected and what was found (secrets masked). */
export class ConfigError extends Error {
  readonly mistakes: readonly string[]

  constructor(mistakes: readonly string[]) {
    super(['The configuration has mistakes:', ...mistakes.map((mistake) => `  ${mistake}`)].join('\n'))
    this.name = 'ConfigError'
    this.mistakes = mistakes
  }
}

/** sysexits.h EX_CONFIG: process managers can tell it from a crash. */
export const CONFIG_EXIT_CODE = 78

/** `src/config.ts` and `dist/config.js` both lie two folders below the repository. */
const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Reads and checks all settings. Rejects with a `ConfigError` that lists every mistake. */
export async function loadConfig(input: ConfigInput = {}): Promise<Config> {
  const { config, mistakes } = await examineConfig(input)
  if (!config) throw new ConfigError(mistakes)
  return config
}

/**
 * Some settings alone, for commands that talk to a server from wherever it does not run. Rejects with a `ConfigError` that
 * lists the mistakes in these.
 */
export async function loadSettings<Key extends keyof Table>(
  keys: readonly Key[],
  input: ConfigInput = {},
): Promise<Pick<Settings, Key>> {
  const { texts, mistakes } = await readTexts(input)
  const values = keys.map((key) => [key, parseOne(SETTINGS[key], texts, mistakes)])
  if (mistakes.length > 0) throw new ConfigError(mistakes)
  // Each row's parser answers what the mapped type says of its key.
  return Object.fromEntries(values) as Pick<Settings, Key>
}

/** What was found, right or wrong. */
export interface Examination {
  /** In the table's order; secrets are masked, mistaken texts shown as they are. */
  readonly settings: readonly ShownSetting[]
  readonly mistakes: readonly string[]
  readonly warnings: readonly string[]
  /** Null when there are mistakes. */
  readonly config: Config | null
}

/** Reads and checks all settings, and tells of each where it came from; mistakes are part of the answer. */
export async function examineConfig(input: ConfigInput = {}): Promise<Examination> {
  const { root = ROOT } = input
  const { files, texts, mistakes } = await readTexts(input)
  const settings = parseSettings(texts, mistakes)
  if (settings) mistakes.push(...contradictions(settings, texts))
  const shown = rows().map((row) => showSetting(row, texts.get(row.name)))
  const warnings = unknownNames(files)
  if (!settings || mistakes.length > 0) return { settings: shown, mistakes, warnings, config: null }
  const sources = Object.fromEntries(shown.map(({ name, source }) => [name, source]))
  const config = Object.freeze({
    ...settings,
    database: chooseDatabase(settings, root),
    mail: chooseMail(settings),
    staticFolder: settings.staticDir === '' ? null : resolve(root, settings.staticDir),
    ...{ root, sources, warnings },
  })
  return { settings: shown, mistakes, warnings, config }
}

/** `TERM`: no setting of ours, but what the terminal tells of itself; `dumb` cannot move its cursor. */
export function terminalType(env: NonNullable<ConfigInput['env']> = process.env): string {
  return env.TERM ?? ''
}

/** The table's rows as parsing sees them. */
export function rows(): Setting<unknown>[] {
  return Object.values<Setting<unknown>>(SETTINGS)
}

interface Texts {
  readonly files: readonly EnvFile[]
  readonly texts: Map<string, Found>
  /** Of the files; those of the settings are added. */
  readonly mistakes: string[]
}

async function readTexts({ env = process.env, root = ROOT, files: given }: ConfigInput): Promise<Texts> {
  const paths = given ?? [join(root, '.env'), join(root, 'dispatch-backend', '.env')]
  const files = await Promise.all(paths.map(readEnvFile))
  return { files, texts: gatherTexts(env, files), mistakes: files.flatMap((file) => file.mistakes) }
}

function gatherTexts(env: NonNullable<ConfigInput['env']>, files: readonly EnvFile[]): Map<string, Found> {
  const texts = new Map<string, Found>()
  const takesEmpty = new Set(rows().flatMap((row) => (row.takesEmpty ? [row.name] : [])))
  const found = (name: string, text: string | undefined, source: string): void => {
    if (text === undefined || (text.trim() === '' && !takesEmpty.has(name))) return
    texts.set(name, { text: text.trim(), source })
  }
  for (const { file, lines } of files) for (const { name, value } of lines) found(name, value, file)
  for (const { name } of rows()) found(name, env[name], 'environment')
  return texts
}

/** Undefined when a setting could not be parsed; `mistakes` then has its line. */
function parseSettings(texts: Map<string, Found>, mistakes: string[]): Settings | undefined {
  const before = mistakes.length
  const values = Object.entries<Setting<unknown>>(SETTINGS).map(([key, row]) => [key, parseOne(row, texts, mistakes)])
  // The mapped type says of each key exactly what its row's parser answers.
  return mistakes.length === before ? (Object.fromEntries(values) as Settings) : undefined
}

function parseOne(row: Setting<unknown>, texts: Map<string, Found>, mistakes: string[]): unknown {
  const found = texts.get(row.name)
  const text = found?.text ?? row.default
  if (text === null) return null
  try {
    return row.type.parse(text)
  } catch (error) {
    if (!(error instanceof SettingError)) throw error
    const shown = row.mask ? row.mask(text) : JSON.stringify(text)
    mistakes.push(`${row.name}: ${error.message}; found ${shown} (${found?.source ?? 'default'})`)
    return null
  }
}

/** Settings that are right by themselves but not together. */
function contradictions(settings: Settings, texts: Map<string, Found>): string[] {
  const mistakes: string[] = mailContradictions(settings)
  const usesParts = settings.databaseUrl === null && settings.databaseHostname !== null
  if (usesParts && settings.databaseCredentials === null) {
    mistakes.push('DATABASE_CREDENTIALS: expected username:password, because DATABASE_HOSTNAME is set; found nothing')
  }
  if (settings.databaseUrl === null && settings.databaseHostname === null && texts.has('DATABASE_CREDENTIALS')) {
    mistakes.push('DATABASE_HOSTNAME: expected a host, because DATABASE_CREDENTIALS is set; found nothing')
  }
  const onServer = usesParts || (settings.databaseUrl !== null && settings.databaseUrl.kind !== 'sqlite')
  if (onServer && settings.nodeEnv === 'production' && settings.encryptionKey === null) {
    mistakes.push(
      `DISPATCH_ENCRYPTION_KEY: expected ${SETTINGS.encryptionKey.type.expects}, because every replica of a production ` +
        'server needs the same key; found nothing',
    )
  }
  return mistakes
}

/** A misspelt name would silently leave its default in force. */
function unknownNames(files: readonly EnvFile[]): string[] {
  const known = new Set(rows().map(({ name }) => name))
  return files.flatMap(({ file, lines }) => {
    const unknown = lines.filter(({ name }) => !known.has(name)).map(({ name }) => name)
    return unknown.length > 0 ? [`${file}: no setting of Dispatch: ${unknown.join(', ')}`] : []
  })
}
