/** A million jobs and as many attempts of the last seven days, written by the database itself: through the API it would take hours. */
import { systemClock } from '../../dispatch-backend/src/clock.js'
import type { DatabaseConfig } from '../../dispatch-backend/src/store/database-config.js'
import { openDriver } from '../../dispatch-backend/src/store/driver.js'
import { MINUTE_MS, RANGES, startOf } from '../../dispatch-backend/src/stats/widths.js'
import { finishStats, writeStatsBuckets } from '../../dispatch-backend/src/store/sql/stats-buckets.js'
import type { StatsBucket } from '../../dispatch-backend/src/store/stats-store.js'
import type { Database, Dialect } from '../../dispatch-backend/src/store/sql/database.js'

export interface Tenant {
  readonly organizationId: string
  /** The first has half of the jobs, the others share the rest. */
  readonly projectIds: readonly string[]
}

export const DAYS = 7
const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
/** Slots of time × jobs in each of them. */
const IN_SLOT = 1_000
const SLOTS_AT_ONCE = 50
/** A statement may take long on a busy machine. */
const DEADLINE_MS = 600_000

/** Fills an empty, migrated database; `jobs` is rounded to thousands. Nothing of it is due within the next hour. */
export async function fill(config: DatabaseConfig, tenant: Tenant, jobs: number): Promise<void> {
  const { database } = openDriver(config, { clock: systemClock, deadlineMs: DEADLINE_MS })
  try {
    const slots = Math.max(1, Math.round(jobs / IN_SLOT))
    const slotMs = Math.floor((DAYS * DAY_MS) / slots)
    const startMs = systemClock.wallMs() - slots * slotMs
    const kinds = JSON.stringify(kindsOf(tenant, slotMs))
    for (let slot = 0; slot < slots; slot += SLOTS_AT_ONCE) {
      const count = Math.min(SLOTS_AT_ONCE, slots - slot)
      const starts = JSON.stringify(Array.from({ length: count }, (_, index) => [startMs + (slot + index) * slotMs]))
      const statement = insertJobs(database.dialect, tenant.organizationId)
      await database.write((connection) => connection.execute(statement, [starts, kinds]))
    }
    for (const attempt of [1, 2, 3]) await database.write((connection) => connection.execute(insertAttempts(attempt)))
    await fillStatistics(database, tenant, startMs, slots * IN_SLOT)
    await analyze(database)
  } finally {
    await database.close()
  }
}

/** Of a hundred: 87 delivered, 6 to come, 2 retrying after two attempts, 3 dead after three, 2 cancelled. */
function statusOf(place: number): string {
  const share = (place * 37) % 100
  if (share < 87) return 'SUCCESS'
  if (share < 93) return 'SCHEDULED'
  if (share < 95) return 'FAILED'
  return share < 98 ? 'DEAD' : 'CANCELLED'
}

type Kind = readonly [place: number, offsetMs: number, projectId: string, status: string, host: string]

function kindsOf({ projectIds }: Tenant, slotMs: number): Kind[] {
  const [first = '', ...others] = projectIds
  return Array.from({ length: IN_SLOT }, (_, place) => [
    place,
    Math.floor((place * slotMs) / IN_SLOT),
    place % 2 === 0 || others.length === 0 ? first : others[((place - 1) / 2) % others.length]!,
    statusOf(place),
    `hooks-${(place * 7) % 50}.example.com`,
  ])
}

/** Twelve hexadecimal digits: what a UUIDv7 begins with. */
const HEX: Readonly<Record<Dialect['kind'], (value: string) => string>> = {
  sqlite: (value) => `printf('%012x', ${value})`,
  mysql: (value) => `lower(lpad(hex(${value}), 12, '0'))`,
  postgres: (value) => `lpad(to_hex(${value}), 12, '0')`,
}

/** Its parameters: the starts of slots, and the kinds of jobs in each. */
function insertJobs(dialect: Dialect, organizationId: string): string {
  const slots = dialect.rowsFromJson([{ name: 'start_ms', type: 'integer' }])
  const kinds = dialect.rowsFromJson([
    { name: 'place', type: 'integer' },
    { name: 'offset_ms', type: 'integer' },
    { name: 'project_id', type: 'text' },
    { name: 'status', type: 'text' },
    { name: 'host', type: 'text' },
  ])
  const isOpen = "j.status in ('SCHEDULED', 'FAILED')"
  const openMs = `j.created_at + ${DAYS * DAY_MS + HOUR_MS}`
  const made =
    `select k.place, k.project_id, k.status, k.host, s.start_ms + k.offset_ms as created_at ` +
    `from ${slots} as s cross join ${kinds} as k`
  return `insert into jobs (id, organization_id, project_id, title, webhook_url, endpoint, status, bucket, payload_bytes,
      fire_at, next_attempt_at, due_at, attempt, retry_count, created_at, updated_at, payload)
    select concat(substr(j.hex, 1, 8), '-', substr(j.hex, 9, 4), '-7000-8000-', 100000000000 + j.place),
      '${organizationId}', j.project_id, concat('Invoice reminder ', j.place), concat('https://', j.host, '/invoice'),
      concat('https://', j.host, ':443'), j.status, j.place, 17,
      case when j.status = 'SCHEDULED' then ${openMs} else j.created_at + 10000 end,
      case when ${isOpen} then ${openMs} end, case when ${isOpen} then ${openMs} end,
      case j.status when 'SUCCESS' then 1 when 'FAILED' then 2 when 'DEAD' then 3 else 0 end,
      case when j.status in ('FAILED', 'DEAD') then 2 else 0 end, j.created_at, j.created_at + 10200, '{"invoice":"all"}'
    from (select made.*, ${HEX[dialect.kind]('made.created_at')} as hex from (${made}) as made) as j
    order by j.created_at`
}

function insertAttempts(attempt: number): string {
  const isLast = "(j.status = 'SUCCESS')"
  return `insert into attempts (id, job_id, attempt, status, scheduled_for, fired_at, response_code, response_truncated,
      lateness_ms, duration_ms, error, response_body)
    select replace(j.id, '-7000-', '-700${attempt}-'), j.id, ${attempt}, case when ${isLast} then 'SUCCESS' else 'FAILED' end,
      j.created_at + 10000, j.created_at + 10001, case when ${isLast} then 200 else 500 end, 0, j.bucket % 40, 120,
      case when ${isLast} then null else 'The endpoint answered 500' end, '{"received":true}'
    from jobs as j where j.attempt >= ${attempt}`
}

/** As the roll-up would have left them, had it been there all the time; it goes on from now. */
async function fillStatistics(
  database: Database,
  { projectIds }: Tenant,
  startMs: number,
  jobs: number,
): Promise<void> {
  const nowMs = systemClock.wallMs()
  for (const { widthMs, buckets } of Object.values(RANGES)) {
    const untilMs = startOf(nowMs, widthMs) + widthMs
    const fromMs = Math.max(startOf(startMs, widthMs), untilMs - buckets * widthMs)
    const attempts = (jobs * widthMs) / (DAYS * DAY_MS) / 2
    const rows = projectIds.flatMap((projectId, index) => {
      const share = Math.ceil(index === 0 ? attempts : attempts / Math.max(1, projectIds.length - 1))
      const starts = Array.from({ length: (untilMs - fromMs) / widthMs }, (_, number) => fromMs + number * widthMs)
      return starts.map((atMs) => bucketOf({ projectId, widthMs, atMs, countedUntilMs: nowMs }, share))
    })
    for (let row = 0; row < rows.length; row += BUCKETS_AT_ONCE) {
      await writeStatsBuckets(database, rows.slice(row, row + BUCKETS_AT_ONCE))
    }
  }
  await finishStats(database, { countedUntilMs: startOf(nowMs, MINUTE_MS), lateIds: [] })
}

const BUCKETS_AT_ONCE = 1_000

function bucketOf(place: Pick<StatsBucket, 'projectId' | 'widthMs' | 'atMs' | 'countedUntilMs'>, attempts: number) {
  const failed = Math.ceil(attempts / 8)
  const endpoints = Array.from({ length: 5 }, (_, index) => ({
    ...{
      endpoint: `https://hooks-${index}.example.com:443`,
      attempts: Math.ceil(attempts / 5),
      failed: Math.ceil(failed / 5),
    },
    ...{ lastError: 'The endpoint answered 500', lastFailedAtMs: place.atMs },
  }))
  const lateness = { counts: { 0: attempts - failed, 12: failed }, maxMs: 40 }
  return {
    ...place,
    succeeded: attempts - failed,
    failed,
    interrupted: 0,
    lateness,
    endpoints,
    failureIds: [],
    isCut: false,
  }
}

async function analyze(database: Database): Promise<void> {
  await database.read(async (connection) => {
    // MySQL alone answers rows.
    if (database.dialect.kind === 'mysql') await connection.query('analyze table jobs, attempts, projects')
    else await connection.execute('analyze')
  })
}
