/**
 * Statistics, rolled up from attempts by one replica at a time; older binaries go on without them. What an older binary
 * records more than half a minute late (after an outage of the database) is not counted: only newer ones mark it.
 *
 * - `stats_buckets` holds what one project's attempts of a stretch of time came to. A bucket is always computed anew from
 *   the attempts or the narrower buckets, never counted up.
 * - `stats_late` marks minutes to which attempts were added after they may have been counted. Each mark has an id of its own:
 *   one that is set while its minute is being counted stays.
 */
import type { Migration } from './migration.js'

export const statistics: Migration = {
  number: 4,
  name: 'statistics',
  minimumVersion: 1,
  statements: (t) => [
    `create table stats_buckets (
      project_id ${t.id} not null,
      width_ms ${t.integer} not null,
      at_ms ${t.integer} not null,
      counted_until_ms ${t.integer} not null,
      succeeded ${t.integer} not null,
      failed ${t.integer} not null,
      interrupted ${t.integer} not null,
      detail ${t.longText} not null,
      primary key (project_id, width_ms, at_ms)
    ) ${t.tableOptions}`,
    'create index stats_buckets_age on stats_buckets (width_ms, at_ms)',
    `create table stats_late (
      id ${t.id} not null primary key,
      minute_ms ${t.integer} not null
    ) ${t.tableOptions}`,
  ],
}
