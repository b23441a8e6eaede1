import { operations } from '@portcullis/api-contract'
import { refusalProblem } from '../problems.ts'
import { commandRoute, defined, queryRoute, type Route } from '../route.ts'

/** Work on target systems that is done by hand. */
export const fulfilmentRoutes: readonly Route[] = [
  queryRoute(
    operations.listFulfilments,
    async ({ query: { atLeast: _, ...options } }, { application, caller }) => {
      const answer = await application.fulfilments(caller, defined(options))
      if (!answer.ok) throw refusalProblem(answer.refusal)
      return answer.answer
    },
  ),
  commandRoute(operations.reportFulfilment, ({ params, body }) => ({
    type: 'ReportFulfilment',
    fulfilmentId: params.fulfilmentId,
    outcome: body.outcome,
    message: body.message ?? null,
  })),
]
