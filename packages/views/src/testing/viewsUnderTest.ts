import { inTransaction } from '@portcullis/postgres'
import { type TestDatabase, testDatabase } from '@portcullis/postgres/testing'
import { migrateProblems } from '../problems/problemTables.ts'
import { allProjections } from '../projections/allProjections.ts'
import { LIVE_SCHEMA } from '../projections/names.ts'
import { createViews, type Views } from '../queries/createViews.ts'
import { type EventLog, eventLog } from './eventLog.ts'

export interface ViewsUnderTest {
  readonly db: TestDatabase
  readonly views: Views
  /** Applies events to every projection. */
  project(events: EventLog['events']): Promise<void>
  /** Applies a log of its own, from the first position on. */
  written(write: (log: EventLog) => void): Promise<void>
}

/** Empty views in a fresh database, filled by hand rather than by a subscription. */
export const viewsUnderTest = async (): Promise<ViewsUnderTest> => {
  const db = await testDatabase()
  await migrateProblems(db.pool)
  const projectors = allProjections.map((projection) => projection.in(LIVE_SCHEMA))
  await inTransaction(db.pool, async (tx) => {
    await tx.query(`create schema ${LIVE_SCHEMA}`)
    for (const projector of projectors) {
      await projector.migrate(tx)
      await projector.publish(tx)
    }
  })
  const project: ViewsUnderTest['project'] = (events) =>
    inTransaction(db.pool, async (tx) => {
      for (const projector of projectors) await projector.apply(events, tx)
    })
  return {
    db,
    views: createViews(db.pool),
    project,
    written: (write) => {
      const log = eventLog()
      write(log)
      return project(log.events)
    },
  }
}
