import { createDirectory, createImportLedger, migrateDirectory } from '@portcullis/directory'
import { createFinishedRuns, migrateRuns } from '@portcullis/jobs'
import { migrateOutbox } from '@portcullis/notifications'
import { createFiringTurns } from '@portcullis/postgres'
import { createDriftRecords, migrateDrift } from '@portcullis/provisioning'
import { createProgress } from '@portcullis/subscriptions'
import {
  createPeopleViews,
  createProblemFindings,
  createPromiseRecords,
  createViews,
  migrateProblems,
  migratePromises,
} from '@portcullis/views'
import type pg from 'pg'

/** What the engine is handed of the database, each behind a port of its own. */
export type DatabasePorts = ReturnType<typeof createDatabasePorts>

export const createDatabasePorts = (pool: pg.Pool) => ({
  directory: createDirectory(pool),
  views: createViews(pool),
  peopleViews: createPeopleViews(pool),
  driftRecords: createDriftRecords(pool),
  problemFindings: createProblemFindings(pool),
  promiseRecords: createPromiseRecords(pool),
  imports: createImportLedger(pool),
  runs: createFinishedRuns(pool),
  turns: createFiringTurns(pool),
  progress: createProgress(pool),
})

/** Creates or upgrades the tables beside the log, the subscriptions and the views. */
export const migrateBeside = async (pool: pg.Pool): Promise<void> => {
  await migrateDirectory(pool)
  await migrateOutbox(pool)
  await migrateDrift(pool)
  await migrateProblems(pool)
  await migratePromises(pool)
  await migrateRuns(pool)
}
