import { operations } from '@portcullis/api-contract'
import { commandRoute, defined, queryRoute, type Route } from '../route.ts'

/** Assignments (S18, S19, S25). */
export const assignmentRoutes: readonly Route[] = [
  commandRoute(
    operations.assignDirectly,
    ({ params, body }) => ({
      type: 'AssignDirectly',
      packageId: params.packageId,
      subjectId: body.subjectId,
      policyId: body.policyId,
      startAt: body.startAt ?? null,
      endAt: body.endAt ?? null,
      justification: body.justification ?? null,
    }),
    ({ assignmentId }) =>
      assignmentId === undefined || assignmentId === null
        ? undefined
        : `/v1/assignments/${assignmentId}`,
  ),
  queryRoute(operations.listAssignments, ({ query: { atLeast: _, ...options } }, call) =>
    call.application.assignments(call.caller, defined(options)),
  ),
  queryRoute(operations.getAssignment, ({ params }, call) =>
    call.application.assignment(call.caller, params.assignmentId),
  ),
  commandRoute(operations.removeAssignment, ({ params, body }) => ({
    type: 'RemoveAssignment',
    assignmentId: params.assignmentId,
    justification: body?.justification ?? null,
  })),
]
