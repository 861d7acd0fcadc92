/**
 * What the dashboard asks of jobs; older binaries go on as before.
 *
 * - `replay_of` comes after the payload, but SQLite reads no overflow pages for a column that is null, and few jobs are
 *   replays.
 * - Lists by due time have an index by status too: "what fires next" would otherwise wade through all that has fired.
 */
import type { Migration } from './migration.js'

export const replaysAndDueLists: Migration = {
  number: 3,
  name: 'replays-and-due-lists',
  minimumVersion: 1,
  statements: (t) => [
    `alter table jobs add column replay_of ${t.id}`,
    'create index jobs_project_due on jobs (project_id, status, fire_at, id)',
  ],
}
