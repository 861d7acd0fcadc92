/** The order in which the settings are described to people. */
import type { Setting } from './setting.js'
import { SETTINGS } from './table.js'

type Key = keyof typeof SETTINGS

const SECTIONS: readonly { readonly title: string; readonly keys: readonly Key[] }[] = [
  {
    title: 'Server',
    keys: [
      'port',
      'host',
      'publicUrl',
      'nodeEnv',
      'trustProxy',
      'corsOrigins',
      'staticDir',
      'logLevel',
      'shutdownTimeoutMs',
    ],
  },
  {
    title: 'Database',
    keys: [
      ...(['databaseUrl', 'databaseHostname', 'databaseCredentials', 'databaseName'] as const),
      ...(['databasePort', 'databasePoolSize'] as const),
    ],
  },
  {
    title: 'Delivery',
    keys: [
      ...(['allowPrivateWebhooks', 'retryDelaysMs', 'maxAttempts', 'deliveryTimeoutMs'] as const),
      ...(['maxConcurrency', 'maxConcurrencyPerEndpoint', 'catchUpRate'] as const),
    ],
  },
  {
    title: 'Mail',
    keys: ['gmailUser', 'gmailAppPassword', 'smtpUrl', 'mailFrom', 'frontendUrl', 'uiUrl'],
  },
  { title: 'Retention', keys: ['retentionSuccessDays', 'retentionFailedDays'] },
  { title: 'Metrics', keys: ['metricsPort', 'metricsHost', 'metricsToken'] },
  { title: 'Secrets and sessions', keys: ['encryptionKey', 'jwtSecret', 'jwtAlgorithm', 'jwtLifetimeMs'] },
  {
    title: 'Limits',
    keys: [
      ...(['maxBodyBytes', 'maxConnections', 'rateLimitPerMinute', 'rateLimitPerMinutePerAddress'] as const),
      ...(['authRateLimitPer15Minutes', 'mailRateLimitPer15Minutes', 'redisUrl'] as const),
    ],
  },
  { title: 'Command line', keys: ['dispatchUrl', 'dispatchApiKey'] },
]

export interface Section {
  readonly title: string
  readonly settings: readonly Setting<unknown>[]
}

/** Every setting of the table once; what no section names comes last, so that a new row is never left out. */
export function settingsBySection(): Section[] {
  const named = SECTIONS.map(({ title, keys }) => ({
    title,
    settings: keys.map((key): Setting<unknown> => SETTINGS[key]),
  }))
  const placed = new Set(named.flatMap(({ settings }) => settings))
  const others = Object.values<Setting<unknown>>(SETTINGS).filter((row) => !placed.has(row))
  return others.length === 0 ? named : [...named, { title: 'Others', settings: others }]
}
