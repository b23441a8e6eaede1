import { operations } from '@portcullis/api-contract'
import { defined, queryRoute, type Route } from '../route.ts'

/** What isn't as it should be, and how long access outlived its end (promise 2). */
export const openProblemRoutes: readonly Route[] = [
  queryRoute(operations.listOpenProblems, ({ query: { atLeast: _, ...options } }, call) =>
    call.application.problems(call.caller, defined(options)),
  ),
  queryRoute(operations.countOpenProblems, ({ query: { atLeast: _, ...filters } }, call) =>
    call.application.problemCounts(call.caller, defined(filters)),
  ),
  queryRoute(operations.reportRemovals, ({ query: { atLeast: _, ...filters } }, call) =>
    call.application.removals(call.caller, defined(filters)),
  ),
]
