import type { Commands } from './commands/commands.ts'
import { type CommandDependencies, createExecute } from './commands/execute.ts'
import type { QueryDependencies } from './queries/dependencies.ts'
import type { Queries } from './queries/queries.ts'
import { createQueries } from './queries/queries.ts'

/**
 * What the HTTP API and the CLI talk to. Each query checks what the actor may see (S3) and answers undefined for "not
 * there, or not yours".
 */
export interface Application extends Commands, Queries {}

/** The use cases that callers from outside have: commands decided on the log, queries answered from the views. */
export const createApplication = (
  dependencies: QueryDependencies & CommandDependencies,
): Application => ({
  ...createExecute(dependencies),
  ...createQueries(dependencies),
})
