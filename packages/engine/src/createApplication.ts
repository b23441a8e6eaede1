import type { Clock } from '@portcullis/core'
import type { Application } from './application.ts'
import { createExecute } from './commands/execute.ts'
import { createQueries, type QueryDependencies } from './queries/queries.ts'

export interface ApplicationDependencies extends QueryDependencies {
  readonly clock: Clock
}

/** The use cases that callers from outside have: commands decided on the log, queries answered from the views. */
export const createApplication = (dependencies: ApplicationDependencies): Application => ({
  execute: createExecute(dependencies),
  ...createQueries(dependencies),
})
