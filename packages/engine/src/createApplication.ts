import type { Application } from './application.ts'
import { type CommandDependencies, createExecute } from './commands/execute.ts'
import type { QueryDependencies } from './queries/dependencies.ts'
import { createQueries } from './queries/queries.ts'

/** The use cases that callers from outside have: commands decided on the log, queries answered from the views. */
export const createApplication = (
  dependencies: QueryDependencies & CommandDependencies,
): Application => ({
  ...createExecute(dependencies),
  ...createQueries(dependencies),
})
