import { operations } from '@portcullis/api-contract'
import type { DirectoryRole } from '@portcullis/domain'
import { ApiProblem } from '../problems.ts'
import { type Call, queryRoute, type Route } from '../route.ts'

/** What the engine says of itself and of the caller. */
export const engineRoutes: readonly Route[] = [
  queryRoute(operations.getMe, async (_input, call) => {
    const { person, groupIds } = await call.application.whoAmI(call.caller)
    return {
      actor: call.caller.actor,
      directoryRoles: person?.directoryRoles ?? call.caller.directoryRoles,
      person,
      groupIds,
    }
  }),
  queryRoute(operations.listProjections, async (_input, call) => {
    if (!(await rolesOf(call)).includes('UserAdministrator')) {
      throw new ApiProblem(
        403,
        'projections.forbidden',
        'only a User administrator sees the state of the views',
      )
    }
    return { items: await call.application.projections() }
  }),
]

const rolesOf = async (call: Call): Promise<readonly DirectoryRole[]> => {
  if (call.caller.actor.kind !== 'user') return call.caller.directoryRoles
  return (await call.application.whoAmI(call.caller)).person?.directoryRoles ?? []
}
