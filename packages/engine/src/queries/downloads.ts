import type { AssignmentView, Page, RequestView, RoleStanding } from '@portcullis/views'
import type { Caller } from '../caller.ts'
import { type AssignmentListFilters, assignmentFilters } from './assignmentQueries.ts'
import { deliveryState } from './delivery.ts'
import type { QueryDependencies } from './dependencies.ts'
import { withCurrentErrors } from './fulfilmentErrors.ts'
import { lookUpNames, type Names } from './names.ts'
import { type RequestListFilters, requestFilters } from './requestQueries.ts'
import { shownRequests } from './shownFailures.ts'

/** Rows read at a time: each page is one short statement, so that a slow reader holds nothing open in the database. */
const PAGE = 1000

interface PeopleAndPackage {
  readonly subjectName: string | null
  readonly subjectEmail: string | null
  readonly packageName: string | null
  readonly policyName: string | null
}

export interface AssignmentLine extends AssignmentView, PeopleAndPackage {
  /** `resource.role` of each role that it confers, or conferred until it ended. */
  readonly roleIds: readonly string[]
  /** `Resource: Role`, in the same order. */
  readonly roleNames: readonly string[]
  /** Those that the target hasn't. */
  readonly missingRoles: readonly string[]
}

export interface RequestLine extends RequestView, PeopleAndPackage {
  readonly requestorName: string | null
  readonly decidedByName: string | null
  /** `Resource: Role: message` of each error. */
  readonly errors: readonly string[]
}

export interface DownloadQueries {
  /**
   * The whole filtered list, newest first, page by page and only as fast as it is read (S19). Rows that change
   * meanwhile are shown once, as they are when their page is read; those that come meanwhile are not in it. Stop
   * reading to stop the query.
   */
  assignmentLines(
    caller: Caller,
    filters: AssignmentListFilters,
  ): AsyncIterable<readonly AssignmentLine[]>
  requestLines(caller: Caller, filters: RequestListFilters): AsyncIterable<readonly RequestLine[]>
}

/** Lists as they are downloaded, with names beside the ids. */
export const downloadQueries = (dependencies: QueryDependencies): DownloadQueries => {
  const { views } = dependencies
  return {
    assignmentLines: async function* (caller, filters) {
      const seen = await assignmentFilters(dependencies, caller, filters)
      for await (const items of pages((page) => views.assignments(page, seen)))
        yield assignmentLines(dependencies, items)
    },
    requestLines: async function* (caller, filters) {
      const seen = await requestFilters(dependencies, caller, filters)
      for await (const items of pages((page) => views.requests(page, seen)))
        yield requestLines(
          dependencies,
          shownRequests(await withCurrentErrors(dependencies.store, items), seen),
        )
    },
  }
}

/** One page after the other; an empty list is one empty page. */
async function* pages<Row>(
  read: (page: { readonly limit: number; readonly cursor?: string }) => Promise<Page<Row>>,
): AsyncGenerator<readonly Row[]> {
  let cursor: string | null = null
  do {
    const page: Page<Row> = await read({ limit: PAGE, ...(cursor === null ? {} : { cursor }) })
    yield page.items
    cursor = page.next
  } while (cursor !== null)
}

const assignmentLines = async (
  dependencies: QueryDependencies,
  items: readonly AssignmentView[],
): Promise<readonly AssignmentLine[]> => {
  const roles = await dependencies.views.rolesOfAssignments(items.map(({ id }) => id))
  const names = await lookUpNames(dependencies, {
    people: items.map(({ subjectId }) => subjectId),
    packages: items.map(({ packageId }) => packageId),
    resources: roles.map(({ resourceId }) => resourceId),
  })
  const byAssignment = Map.groupBy(
    roles.filter(({ conferred }) => conferred),
    ({ assignmentId }) => assignmentId,
  )
  return items.map((item) => {
    const own = byAssignment.get(item.id) ?? []
    return {
      ...item,
      ...peopleAndPackage(names, item),
      roleIds: own.map(({ resourceId, roleId }) => `${resourceId}.${roleId}`),
      roleNames: own.map((role) => roleText(names, role)),
      missingRoles: own.filter(isMissing).map((role) => roleText(names, role)),
    }
  })
}

/** It should be there, and isn't known to be. */
const isMissing = (role: RoleStanding): boolean => role.held && deliveryState(role) !== 'Delivered'

const requestLines = async (
  dependencies: QueryDependencies,
  items: readonly RequestView[],
): Promise<readonly RequestLine[]> => {
  const names = await lookUpNames(dependencies, {
    people: items.flatMap(({ subjectId, requestorId, decidedBy }) => [
      subjectId,
      requestorId,
      ...(decidedBy === null ? [] : [decidedBy]),
    ]),
    packages: items.map(({ packageId }) => packageId),
    resources: items.flatMap(({ fulfilmentErrors }) =>
      fulfilmentErrors.map(({ resourceId }) => resourceId),
    ),
  })
  return items.map((item) => ({
    ...item,
    ...peopleAndPackage(names, item),
    requestorName: names.person(item.requestorId).displayName,
    decidedByName: item.decidedBy === null ? null : names.person(item.decidedBy).displayName,
    errors: item.fulfilmentErrors.map((error) => `${roleText(names, error)}: ${error.message}`),
  }))
}

const peopleAndPackage = (
  names: Names,
  { subjectId, packageId, policyId }: Pick<AssignmentView, 'subjectId' | 'packageId' | 'policyId'>,
): PeopleAndPackage => {
  const { displayName, email } = names.person(subjectId)
  return {
    subjectName: displayName,
    subjectEmail: email,
    packageName: names.package(packageId).displayName,
    policyName: names.policy(packageId, policyId).displayName,
  }
}

/** By names where they are known, else by ids. */
const roleText = (
  names: Names,
  role: { readonly resourceId: string; readonly roleId: string },
): string => {
  const { resourceName, roleName } = names.role(role)
  return `${resourceName ?? role.resourceId}: ${roleName ?? role.roleId}`
}
