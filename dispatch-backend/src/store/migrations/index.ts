import { schedulerSchema } from './0001-scheduler.js'
import { mailAndAccounts } from './0002-mail-and-accounts.js'
import { replaysAndDueLists } from './0003-replays-and-due-lists.js'
import { statistics } from './0004-statistics.js'
import { echo } from './0005-echo.js'
import type { Migration } from './migration.js'

/** All migrations, in order. A new one is appended; one that has been released never changes. */
export const MIGRATIONS: readonly Migration[] = [schedulerSchema, mailAndAccounts, replaysAndDueLists, statistics, echo]
