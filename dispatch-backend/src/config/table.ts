/**
 * Every setting there is: name, type, default, description. Parsing, the settings page in `docs/` and the messages about
 * mistakes are all made from this table. To add one, add a row (and run `npm run docs`).
 */
import { credentials, databaseUrl, maskDatabaseUrl } from './database.js'
import { appPassword, mailAddress, mailbox, maskSmtpUrl, smtpUrl, webUrl } from './mail.js'
import { optional, secret, setting } from './setting.js'
import {
  duration,
  encryptionKey,
  host,
  listOf,
  longText,
  maskRedisUrl,
  oneOf,
  origin,
  privateAddresses,
  redisUrl,
  serverUrl,
  size,
  text,
  trustProxy,
  wholeNumber,
} from './types.js'

export const LOG_LEVELS = ['CRITICAL', 'ERROR', 'WARNING', 'INFO', 'DEBUG'] as const
export const JWT_ALGORITHMS = ['HS256', 'HS384', 'HS512'] as const
const ENVIRONMENTS = ['development', 'production', 'test'] as const

export const SETTINGS = {
  port: setting('PORT', wholeNumber(0, 65_535), '4000', 'Port to listen on; 0 picks a free one.'),
  host: setting(
    'HOST',
    host,
    '127.0.0.1',
    'Address to listen on. The default is reached from this machine only; behind a reverse proxy on the same machine that is right. `0.0.0.0` listens on every interface.',
  ),
  publicUrl: optional(
    'PUBLIC_URL',
    webUrl,
    "Where this API is reached from outside, such as `https://dispatch.example.com`: the addresses of echoes begin with it, and webhooks to them are delivered within the server. The same on every replica. Unset: `FRONTEND_URL`, else `localhost` and the server's port.",
  ),
  nodeEnv: setting(
    'NODE_ENV',
    oneOf(ENVIRONMENTS),
    'development',
    'In `production` browsers on localhost need to be listed in `CORS_ORIGINS`, and a database server needs `DISPATCH_ENCRYPTION_KEY`.',
  ),
  staticDir: {
    ...setting(
      'STATIC_DIR',
      text,
      'dispatch-web/dist',
      'Folder of the built dashboard, which is served at `/`; a relative path starts at the repository. Set it to nothing (`STATIC_DIR=`) to serve the API alone, as when the dashboard runs elsewhere.',
    ),
    takesEmpty: true,
  },

  databaseUrl: secret(
    'DATABASE_URL',
    databaseUrl,
    'Which database: `mysql://`, `mariadb://` or `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, or `sqlite:///absolute/path.db`. Unset, with `DATABASE_HOSTNAME` unset too: the embedded SQLite file `data/dispatch.db` in the repository. Percent-encode special characters of the password where you can; an `@` or `:` in it is understood. TLS: `?sslmode=require` encrypts, `?sslmode=verify-full` (or `?ssl=true`) also checks the certificate.',
    maskDatabaseUrl,
  ),
  databaseHostname: optional(
    'DATABASE_HOSTNAME',
    host,
    'Host of a PostgreSQL server, when `DATABASE_URL` is not set. For TLS use `DATABASE_URL`.',
  ),
  databaseCredentials: secret(
    'DATABASE_CREDENTIALS',
    credentials,
    '`username:password` for `DATABASE_HOSTNAME`, as they are (nothing is percent-decoded; the first colon separates).',
  ),
  databaseName: setting('DATABASE_NAME', text, 'dispatch', 'Database on `DATABASE_HOSTNAME`.'),
  databasePort: setting('DATABASE_PORT', wholeNumber(1, 65_535), '5432', 'Port of `DATABASE_HOSTNAME`.'),
  databasePoolSize: setting(
    'DATABASE_POOL_SIZE',
    wholeNumber(3, 200),
    '10',
    'Connections that this process opens to a database server at most. Writes are grouped, so few are needed. A third of them, at most three, serve deliveries alone, so that long lists never make a webhook late. The embedded database ignores it.',
  ),

  allowPrivateWebhooks: setting(
    'ALLOW_PRIVATE_WEBHOOKS',
    privateAddresses,
    'false',
    'Whether webhooks may go to addresses that are not on the public internet (this machine, your network). A list of ranges allows only these, which is safer than `true`.',
  ),
  trustProxy: setting(
    'TRUST_PROXY',
    trustProxy,
    'false',
    'Set it behind a reverse proxy, so that rate limits and logs see the real address of the caller in `X-Forwarded-For`. `true` means one proxy, a number so many in a row, a list the addresses of the proxies (the caller is then the last address that is none of theirs). Without a proxy leave it `false`: callers could write any address there.',
  ),
  corsOrigins: setting(
    'CORS_ORIGINS',
    listOf(origin, { least: 0, most: 100 }),
    '',
    'Browser origins that may call the API from elsewhere. Outside of production, localhost on any port may too.',
  ),
  logLevel: setting(
    'LOG_LEVEL',
    oneOf(LOG_LEVELS),
    'WARNING',
    'How much is logged, from little to all. The lines printed at start and stop always are.',
  ),
  metricsPort: optional(
    'METRICS_PORT',
    wholeNumber(0, 65_535),
    'Port of its own for `/metrics` (Prometheus text; docs/metrics.md); 0 picks a free one. Unset, with `METRICS_TOKEN` unset too: no metrics.',
  ),
  metricsHost: setting(
    'METRICS_HOST',
    host,
    '127.0.0.1',
    'Address that `METRICS_PORT` listens on. Whoever reaches it may read the numbers, unless `METRICS_TOKEN` is set.',
  ),
  metricsToken: secret(
    'METRICS_TOKEN',
    longText(16, 'try: openssl rand -base64 32'),
    'Has to be sent as `Authorization: Bearer …` to read `/metrics`. Without `METRICS_PORT` it opens `/metrics` on `PORT`.',
  ),

  jwtSecret: secret(
    'DISPATCH_JWT_SECRET',
    longText(32, 'try: openssl rand -base64 48'),
    'Signs the session tokens. Unset: one is generated and kept in the database, which all replicas share.',
  ),
  jwtAlgorithm: setting('DISPATCH_JWT_ALG', oneOf(JWT_ALGORITHMS), 'HS256', 'Algorithm of the session tokens.'),
  jwtLifetimeMs: setting(
    'DISPATCH_JWT_EXP',
    duration('60s', '365d', 's'),
    '86400',
    'How long a session lasts, in seconds (or with a unit: `12h`).',
  ),
  encryptionKey: secret(
    'DISPATCH_ENCRYPTION_KEY',
    encryptionKey,
    'Encrypts the signing secrets in the database. Unset with SQLite: a key file is made beside the database; keep it with your backups. Unset with a database server: refused in production; otherwise the key is kept in `data/dispatch.key`, which other machines do not have.',
  ),

  gmailUser: optional(
    'GMAIL_USER',
    mailAddress,
    'Gmail address that sends verification codes and reset links; with `GMAIL_APP_PASSWORD`. Without this pair and without `SMTP_URL` there is no mail: accounts are ready at once, and `npx dispatch user reset-password` stands in for reset links.',
  ),
  gmailAppPassword: secret(
    'GMAIL_APP_PASSWORD',
    appPassword,
    'A Google App Password (https://myaccount.google.com/apppasswords), not the password of the account. Spaces in it do not matter.',
  ),
  smtpUrl: secret(
    'SMTP_URL',
    smtpUrl,
    'Any other mail server: `smtps://USER:PASSWORD@HOST` (TLS, port 465) or `smtp://USER:PASSWORD@HOST` (STARTTLS, port 587). Credentials are only sent over TLS with a valid certificate, unless `?tls=never`, `?tls=opportunistic` or `?tls=unverified` says otherwise.',
    maskSmtpUrl,
  ),
  mailFrom: optional(
    'MAIL_FROM',
    mailbox,
    'Sender of all mails, such as `Dispatch <dispatch@example.com>`. Unset: `GMAIL_USER`, or the user in `SMTP_URL` if that is an address.',
  ),
  frontendUrl: optional(
    'FRONTEND_URL',
    webUrl,
    'Where people open the dashboard; links in mails begin with it. Unset: the address that the server itself listens on.',
  ),
  uiUrl: optional('DISPATCH_UI_URL', webUrl, 'The same as `FRONTEND_URL`, by another name; set one of the two.'),

  retryDelaysMs: setting(
    'RETRY_DELAYS',
    listOf(duration('100ms', '30d'), { least: 1, most: 100 }),
    '30s,1m,5m',
    'Pauses before the first, second, … retry of a failed webhook; the last one repeats.',
  ),
  maxAttempts: setting('MAX_ATTEMPTS', wholeNumber(1, 100), '3', 'The failed attempt that makes a job `DEAD`.'),
  deliveryTimeoutMs: setting(
    'DELIVERY_TIMEOUT',
    duration('1s', '10m'),
    '30s',
    'Time for one attempt, from connecting to the end of the answer.',
  ),
  maxConcurrency: setting(
    'MAX_CONCURRENCY',
    wholeNumber(1, 16_384),
    '1024',
    'Webhooks in flight at a time in this process.',
  ),
  maxConcurrencyPerEndpoint: setting(
    'MAX_CONCURRENCY_PER_ENDPOINT',
    wholeNumber(1, 16_384),
    '64',
    'Webhooks in flight at a time from one project to one endpoint (scheme, host and port), in this process.',
  ),
  catchUpRate: setting(
    'CATCH_UP_RATE',
    wholeNumber(1, 100_000),
    '1000',
    'Overdue jobs taken up a second after a downtime, so that those due now stay on time.',
  ),

  maxBodyBytes: setting(
    'MAX_BODY_BYTES',
    size('1KiB', '8MiB'),
    '1MiB',
    'Largest body of a new job; other requests take 16 KiB at most.',
  ),
  maxConnections: setting(
    'MAX_CONNECTIONS',
    wholeNumber(0, 1_000_000),
    '4096',
    'Open connections to the API; more are closed as they come. One address (IPv6: one /64 network) may hold a quarter of them, unless `TRUST_PROXY` is set; 0 = no limit.',
  ),
  rateLimitPerMinute: setting(
    'RATE_LIMIT_PER_MINUTE',
    wholeNumber(0, 10_000_000),
    '6000',
    'Requests a minute with one API key; 0 = no limit.',
  ),
  rateLimitPerMinutePerAddress: setting(
    'RATE_LIMIT_PER_MINUTE_PER_ADDRESS',
    wholeNumber(0, 10_000_000),
    '300',
    'Requests a minute from one address (IPv6: one /64 network) without a valid API key; 0 = no limit.',
  ),
  authRateLimitPer15Minutes: setting(
    'AUTH_RATE_LIMIT_PER_15_MINUTES',
    wholeNumber(0, 1_000_000),
    '20',
    'Registrations and sign-ins from one address, and sign-ins to one account, in 15 minutes; 0 = no limit.',
  ),
  mailRateLimitPer15Minutes: setting(
    'MAIL_RATE_LIMIT_PER_15_MINUTES',
    wholeNumber(0, 1_000_000),
    '5',
    'Requests for an e-mail from one network address, and e-mails asked for to one mailbox, in 15 minutes; 0 = no limit.',
  ),
  retentionSuccessDays: optional(
    'RETENTION_SUCCESS_DAYS',
    wholeNumber(1, 36_500),
    'Days after which a job that succeeded or was cancelled is deleted with its attempts, counted from its end. Unset: it is kept for ever. The space is used again by new jobs; files of the database do not shrink by themselves.',
  ),
  retentionFailedDays: optional(
    'RETENTION_FAILED_DAYS',
    wholeNumber(1, 36_500),
    'The same for jobs that are `DEAD`. Jobs that wait, or wait for a retry, are never deleted.',
  ),
  redisUrl: secret(
    'REDIS_URL',
    redisUrl,
    'A Redis 6+ (or Valkey) that the processes share, so that rate limits hold for all of them together and live events tell at once what another process did. Unset, or while Redis does not answer: each process counts by itself, and looks for the changes of others in the database each second. Give each Dispatch on one Redis a database number of its own (`redis://host/1`).',
    maskRedisUrl,
  ),
  shutdownTimeoutMs: setting(
    'SHUTDOWN_TIMEOUT',
    duration('0s', '10m'),
    '30s',
    'How long a stop waits for webhooks in flight; what is not done by then is recorded as interrupted and sent again after the next start. Keep it below the time after which your process manager kills.',
  ),

  dispatchUrl: setting(
    'DISPATCH_URL',
    serverUrl,
    'http://localhost:4000',
    'The server that `npx dispatch jobs` talks to. The server itself does not use it.',
  ),
  dispatchApiKey: secret(
    'DISPATCH_API_KEY',
    text,
    'The API key with which `npx dispatch jobs` talks to it, `sk_…`. The server itself does not use it.',
  ),
} as const
