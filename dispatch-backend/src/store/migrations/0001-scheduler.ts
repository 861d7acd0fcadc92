/**
 * The first schema: accounts, projects with their keys and secrets, jobs and attempts, and what replicas share.
 *
 * - `due_at` is non-null exactly while a job may be claimed, `lease_until` exactly while it is `FIRING`; where the database
 *   has partial indexes, theirs hold only such rows and stay small however many jobs are finished.
 * - `payload` and `response_body` come last: SQLite then finds the other columns without reading overflow pages.
 * - `bucket` (0 to 4095, from the random end of the id) deals jobs out to replicas: `bucket % count = index`.
 * - Jobs, attempts and idempotency keys have no foreign keys: checking one locks the parent's row, and each create would
 *   queue behind the others of its project (on Galera: fail certification). Their rows are only deleted by the purge.
 */
import type { ColumnTypes, Migration } from './migration.js'

export const schedulerSchema: Migration = {
  number: 1,
  name: 'scheduler',
  minimumVersion: 1,
  statements: (types, kind) => {
    // MySQL has no partial indexes; there the many finished jobs stand in them as nulls.
    const onlyWhen = (condition: string): string => (kind === 'mysql' ? '' : ` where ${condition}`)
    return [
      ...accountTables(types),
      ...projectTables(types),
      jobsTable(types),
      `create index jobs_due on jobs (due_at, id)${onlyWhen('due_at is not null')}`,
      `create index jobs_lease on jobs (lease_until)${onlyWhen('lease_until is not null')}`,
      'create index jobs_organization on jobs (organization_id, id)',
      'create index jobs_project on jobs (project_id, id)',
      'create index jobs_project_status on jobs (project_id, status, id)',
      ...jobSatelliteTables(types),
      `create index projects_deleted on projects (deleted_at)${onlyWhen('deleted_at is not null')}`,
    ]
  },
}

function accountTables(t: ColumnTypes): readonly string[] {
  return [
    `create table settings (
      name ${t.code(64)} not null primary key,
      value ${t.longText} not null
    ) ${t.tableOptions}`,
    `create table users (
      id ${t.id} not null primary key,
      email ${t.text(320)} not null,
      name ${t.text(191)},
      password_hash ${t.code(255)} not null,
      is_email_verified ${t.boolean} not null,
      is_disabled ${t.boolean} not null default 0,
      created_at ${t.integer} not null,
      constraint users_email unique (email)
    ) ${t.tableOptions}`,
    `create table organizations (
      id ${t.id} not null primary key,
      name ${t.text(191)} not null,
      slug ${t.code(191)} not null,
      created_at ${t.integer} not null,
      constraint organizations_slug unique (slug)
    ) ${t.tableOptions}`,
    `create table memberships (
      organization_id ${t.id} not null,
      user_id ${t.id} not null,
      role ${t.code(16)} not null,
      created_at ${t.integer} not null,
      primary key (organization_id, user_id),
      constraint memberships_organization foreign key (organization_id) references organizations (id),
      constraint memberships_of_user foreign key (user_id) references users (id)
    ) ${t.tableOptions}`,
    'create index memberships_user on memberships (user_id, organization_id)',
    `create table sessions (
      id ${t.id} not null primary key,
      token_hash ${t.code(64)} not null,
      user_id ${t.id} not null,
      created_at ${t.integer} not null,
      expires_at ${t.integer} not null,
      last_seen_at ${t.integer} not null,
      ip_address ${t.code(64)},
      user_agent ${t.text(512)},
      constraint sessions_token unique (token_hash),
      constraint sessions_of_user foreign key (user_id) references users (id)
    ) ${t.tableOptions}`,
    'create index sessions_user on sessions (user_id, id)',
    'create index sessions_expiry on sessions (expires_at)',
  ]
}

function projectTables(t: ColumnTypes): readonly string[] {
  return [
    `create table projects (
      id ${t.id} not null primary key,
      organization_id ${t.id} not null,
      name ${t.text(191)} not null,
      created_at ${t.integer} not null,
      updated_at ${t.integer} not null,
      deleted_at ${t.integer},
      constraint projects_of_organization foreign key (organization_id) references organizations (id)
    ) ${t.tableOptions}`,
    'create index projects_organization on projects (organization_id, id)',
    `create table api_keys (
      id ${t.id} not null primary key,
      project_id ${t.id} not null,
      label ${t.text(191)} not null,
      key_hash ${t.code(64)} not null,
      last_four ${t.code(4)} not null,
      created_at ${t.integer} not null,
      last_used_at ${t.integer},
      revoked_at ${t.integer},
      constraint api_keys_hash unique (key_hash),
      constraint api_keys_of_project foreign key (project_id) references projects (id)
    ) ${t.tableOptions}`,
    'create index api_keys_project on api_keys (project_id, id)',
    `create table signing_secrets (
      id ${t.id} not null primary key,
      project_id ${t.id} not null,
      sealed ${t.code(512)} not null,
      created_at ${t.integer} not null,
      expires_at ${t.integer},
      constraint signing_secrets_of_project foreign key (project_id) references projects (id)
    ) ${t.tableOptions}`,
    'create index signing_secrets_project on signing_secrets (project_id, created_at)',
  ]
}

function jobsTable(t: ColumnTypes): string {
  return `create table jobs (
      id ${t.id} not null primary key,
      organization_id ${t.id} not null,
      project_id ${t.id} not null,
      title ${t.text(191)} not null,
      webhook_url ${t.text(2048)} not null,
      endpoint ${t.code(300)} not null,
      status ${t.code(16)} not null,
      bucket ${t.smallInteger} not null,
      payload_bytes ${t.integer} not null,
      fire_at ${t.integer} not null,
      next_attempt_at ${t.integer},
      due_at ${t.integer},
      attempt ${t.smallInteger} not null default 0,
      retry_count ${t.smallInteger} not null default 0,
      interruptions ${t.smallInteger} not null default 0,
      claim_id ${t.id},
      owner ${t.code(64)},
      claimed_at ${t.integer},
      lease_until ${t.integer},
      created_at ${t.integer} not null,
      updated_at ${t.integer} not null,
      payload ${t.longText} not null
    ) ${t.tableOptions}`
}

function jobSatelliteTables(t: ColumnTypes): readonly string[] {
  return [
    `create table attempts (
      id ${t.id} not null primary key,
      job_id ${t.id} not null,
      attempt ${t.smallInteger} not null,
      status ${t.code(16)} not null,
      scheduled_for ${t.integer} not null,
      fired_at ${t.integer} not null,
      response_code ${t.smallInteger},
      response_truncated ${t.boolean} not null,
      lateness_ms ${t.integer},
      duration_ms ${t.integer},
      error ${t.longText},
      response_body ${t.longText},
      constraint attempts_job unique (job_id, attempt)
    ) ${t.tableOptions}`,
    `create table idempotency_keys (
      project_id ${t.id} not null,
      idempotency_key ${t.code(255)} not null,
      body_hash ${t.code(64)} not null,
      job_id ${t.id} not null,
      expires_at ${t.integer} not null,
      primary key (project_id, idempotency_key)
    ) ${t.tableOptions}`,
    'create index idempotency_keys_expiry on idempotency_keys (expires_at)',
    `create table replicas (
      id ${t.code(64)} not null primary key,
      heartbeat_at ${t.integer} not null
    ) ${t.tableOptions}`,
  ]
}
