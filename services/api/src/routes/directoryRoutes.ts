import { operations } from '@portcullis/api-contract'
import type { WholeAnswer } from '@portcullis/engine'
import { refusalProblem } from '../problems.ts'
import { defined, queryRoute, type Route } from '../route.ts'

/** The directory, to pick from (S4, S7, S8). */
export const directoryRoutes: readonly Route[] = [
  queryRoute(operations.listResources, async ({ query: { atLeast: _, ...options } }, call) => {
    const { items, next } = await call.application.resources(call.caller, defined(options))
    return {
      items: items.map(({ id, kind, displayName, description, roles, ownerIds }) => ({
        id,
        kind,
        displayName,
        description,
        // How a target system knows them is no one's business here.
        roles: roles.map((role) => ({ id: role.id, displayName: role.displayName })),
        ownerIds,
      })),
      next,
    }
  }),
  queryRoute(operations.listPeople, async ({ query: { atLeast: _, ...options } }, call) => {
    const { items, next } = allowed(await call.application.people(call.caller, defined(options)))
    return {
      items: items.map(({ id, userName, displayName, email, enabled, externalDirectoryId }) => ({
        id,
        userName,
        displayName,
        email,
        enabled,
        externalDirectoryId,
      })),
      next,
    }
  }),
  queryRoute(operations.listGroups, async ({ query: { atLeast: _, ...options } }, call) =>
    allowed(await call.application.groups(call.caller, defined(options))),
  ),
  queryRoute(
    operations.listExternalDirectories,
    async ({ query: { atLeast: _, ...options } }, call) =>
      allowed(await call.application.externalDirectories(call.caller, defined(options))),
  ),
  queryRoute(operations.findExternalDirectory, async ({ params }, call) =>
    allowed(await call.application.externalDirectoryByDomain(call.caller, params.domain)),
  ),
]

const allowed = <Answer>(answer: WholeAnswer<Answer>): Answer => {
  if (!answer.ok) throw refusalProblem(answer.refusal)
  return answer.answer
}
