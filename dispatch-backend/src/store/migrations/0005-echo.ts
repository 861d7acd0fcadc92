/**
 * The projects' echoes; older binaries go on without them.
 *
 * - A token is looked for by its hash, and kept encrypted for who may see it: who reads the database alone cannot use it.
 * - `echo_requests` holds the last few of each project: whoever adds one deletes those beyond, under a lock on the echo's row.
 */
import type { Migration } from './migration.js'

export const echo: Migration = {
  number: 5,
  name: 'echo',
  minimumVersion: 1,
  statements: (t) => [
    `create table echoes (
      id ${t.id} not null primary key,
      token_hash ${t.code(64)} not null,
      sealed_token ${t.code(255)} not null,
      is_enabled ${t.boolean} not null,
      status ${t.smallInteger} not null,
      delay_ms ${t.integer} not null,
      content_type ${t.code(64)} not null,
      body ${t.longText} not null,
      updated_at ${t.integer} not null,
      constraint echoes_token unique (token_hash)
    ) ${t.tableOptions}`,
    `create table echo_requests (
      id ${t.id} not null primary key,
      project_id ${t.id} not null,
      received_at ${t.integer} not null,
      summary ${t.longText} not null,
      detail ${t.longText} not null
    ) ${t.tableOptions}`,
    'create index echo_requests_project on echo_requests (project_id, id)',
  ],
}
