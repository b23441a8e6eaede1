import { operations } from '@portcullis/api-contract'
import type { WholeAnswer } from '@portcullis/engine'
import { refusalProblem } from '../problems.ts'
import { commandRoute, defined, queryRoute, type Route } from '../route.ts'

/** Comparing targets with grants. */
export const driftRoutes: readonly Route[] = [
  commandRoute(
    operations.startDriftScan,
    ({ params, body }) => ({
      type: 'StartDriftScan',
      resourceId: params.resourceId,
      dryRun: body?.dryRun ?? false,
    }),
    ({ scanId }) => (scanId === undefined ? undefined : `/v1/drift-scans/${scanId}`),
  ),
  queryRoute(operations.listDriftScans, async ({ query: { atLeast: _, ...options } }, call) =>
    allowed(await call.application.driftScans(call.caller, defined(options))),
  ),
  queryRoute(operations.getDriftScan, async ({ params }, call) =>
    allowed(await call.application.driftScan(call.caller, params.scanId)),
  ),
  queryRoute(
    operations.listDriftFindings,
    async ({ params, query: { atLeast: _, ...options } }, call) =>
      allowed(await call.application.driftFindings(call.caller, params.scanId, defined(options))),
  ),
]

const allowed = <Answer>(answer: WholeAnswer<Answer>): Answer => {
  if (!answer.ok) throw refusalProblem(answer.refusal)
  return answer.answer
}
