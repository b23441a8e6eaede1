import { operations } from '@portcullis/api-contract'
import { ASSIGNMENT_COLUMNS } from '../csv/columns.ts'
import { downloadRoute } from '../csv/downloadRoute.ts'
import { commandRoute, defined, queryRoute, type Route } from '../route.ts'
import { assignManyRoute } from './bulkRoute.ts'

/** Assignments (S18, S19, S21, S25). */
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
  assignManyRoute,
  queryRoute(operations.listAssignments, ({ query: { atLeast: _, ...options } }, call) =>
    call.application.assignments(call.caller, defined(options)),
  ),
  downloadRoute(
    operations.downloadAssignments,
    'assignments',
    ASSIGNMENT_COLUMNS,
    ({ query: { atLeast: _, ...filters } }, call) =>
      call.application.assignmentLines(call.caller, defined(filters)),
  ),
  queryRoute(operations.getAssignment, ({ params }, call) =>
    call.application.assignment(call.caller, params.assignmentId),
  ),
  commandRoute(operations.removeAssignment, ({ params, body }) => ({
    type: 'RemoveAssignment',
    assignmentId: params.assignmentId,
    justification: body?.justification ?? null,
  })),
  commandRoute(operations.reprocessPackage, ({ params, body }) => ({
    type: 'ReprocessPackage',
    ...params,
    ...pageOf(body),
  })),
  commandRoute(operations.reprocessEverything, ({ body }) => ({
    type: 'ReprocessEverything',
    ...pageOf(body),
  })),
  commandRoute(operations.reprocessAssignment, ({ params }) => ({
    type: 'ReprocessAssignment',
    assignmentId: params.assignmentId,
  })),
]

const FAILED_IN_ONE_CALL = 200

const pageOf = (
  body: { readonly after?: string | undefined; readonly limit: number } | null | undefined,
) => ({ after: body?.after ?? null, limit: body?.limit ?? FAILED_IN_ONE_CALL })
