/**
 * Accounts by mail, beside what is there: older binaries go on as before, and the accounts they make count as ready.
 *
 * - A registration that waits for its code is no user yet: nobody can block or pre-empt an address, and every row of `users`
 *   may sign in, also those made while mail was off.
 * - `proofs` holds hashes of codes and tokens, `outbox` holds neither: they are made when a mail is sent.
 */
import type { Migration } from './migration.js'

export const mailAndAccounts: Migration = {
  number: 2,
  name: 'mail-and-accounts',
  minimumVersion: 1,
  statements: (t, kind) => [
    `create table registrations (
      id ${t.id} not null primary key,
      email ${t.text(320)} not null,
      name ${t.text(191)},
      password_hash ${t.code(255)} not null,
      may_own_instance ${t.boolean} not null,
      is_contested ${t.boolean} not null,
      created_at ${t.integer} not null,
      expires_at ${t.integer} not null,
      constraint registrations_email unique (email)
    ) ${t.tableOptions}`,
    'create index registrations_expiry on registrations (expires_at)',
    `create table proofs (
      id ${t.code(64)} not null primary key,
      subject_id ${t.id} not null,
      email ${t.text(320)} not null,
      secret_hash ${t.code(64)} not null,
      created_at ${t.integer} not null,
      expires_at ${t.integer} not null
    ) ${t.tableOptions}`,
    'create index proofs_secret on proofs (secret_hash)',
    'create index proofs_subject on proofs (subject_id)',
    'create index proofs_expiry on proofs (expires_at)',
    `create table code_tries (
      id ${t.code(64)} not null primary key,
      wrong ${t.smallInteger} not null,
      last_try ${t.id},
      expires_at ${t.integer} not null
    ) ${t.tableOptions}`,
    'create index code_tries_expiry on code_tries (expires_at)',
    `create table outbox (
      id ${t.id} not null primary key,
      kind ${t.code(32)} not null,
      email ${t.text(320)} not null,
      subject_id ${t.code(36)} not null,
      detail ${t.text(320)},
      tries ${t.smallInteger} not null,
      claim_id ${t.id},
      next_try_at ${t.integer} not null,
      created_at ${t.integer} not null,
      expires_at ${t.integer} not null,
      last_error ${t.text(500)},
      constraint outbox_once unique (kind, email, subject_id)
    ) ${t.tableOptions}`,
    'create index outbox_next on outbox (next_try_at)',
    'create index outbox_claim on outbox (claim_id)',
    'create index outbox_expiry on outbox (expires_at)',
    `alter table organizations add column deleted_at ${t.integer}`,
    `create index organizations_deleted on organizations (deleted_at)${
      // MySQL has no partial indexes.
      kind === 'mysql' ? '' : ' where deleted_at is not null'
    }`,
  ],
}
