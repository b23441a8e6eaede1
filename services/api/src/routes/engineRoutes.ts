import { operations } from '@portcullis/api-contract'
import { refusalProblem, unknownActor } from '../problems.ts'
import { queryRoute, type Route } from '../route.ts'

/** What the engine says of itself and of the caller. */
export const engineRoutes: readonly Route[] = [
  queryRoute(operations.getMe, async (_input, call) => {
    const { person, groupIds } = await call.application.whoAmI(call.caller)
    // Disabled a moment ago: who was found before that counts as found for some seconds.
    if (person?.enabled === false) throw unknownActor()
    return {
      actor: call.caller.actor,
      directoryRoles: person?.directoryRoles ?? call.caller.directoryRoles,
      person,
      groupIds,
    }
  }),
  queryRoute(operations.listProjections, async (_input, call) => {
    const answer = await call.application.projections(call.caller)
    if (!answer.ok) throw refusalProblem(answer.refusal)
    return { items: answer.items, reactors: answer.reactors }
  }),
]
