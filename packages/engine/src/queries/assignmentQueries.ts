import { parseAssignmentId, sameRole } from '@portcullis/domain'
import type {
  AssignmentFilters,
  AssignmentStatus,
  AssignmentView,
  GrantView,
  HistoryEntry,
  Page,
  RequestView,
} from '@portcullis/views'
import type { Caller } from '../caller.ts'
import { maySee, rightsAt } from './access.ts'
import { type Delivery, readDelivery } from './delivery.ts'
import type { QueryDependencies } from './dependencies.ts'
import { withCurrentErrors } from './fulfilmentErrors.ts'
import { assignmentHistory, pinnedTerms, readEntitlement } from './history.ts'
import type { ListOptions } from './listOptions.ts'
import { type ListedNames, lookUpNames, type Named, withListedNames } from './names.ts'
import { listScope } from './scope.ts'
import { shownFailure, shownRequest } from './shownFailures.ts'
import { type ShownTerms, withoutPrincipals } from './shownTerms.ts'

/** Statuses as the product document groups them, besides the precise ones (S19). */
export type AssignmentStatusFilter = AssignmentStatus | 'Active' | 'PartiallyFulfilled'

export interface AssignmentListFilters {
  readonly catalogId?: string
  readonly packageId?: string
  readonly policyId?: string
  readonly subjectId?: string
  readonly status?: readonly AssignmentStatusFilter[]
}

/** The policy's version that governs something, with its terms as they were pinned (S7). */
export interface GoverningPolicy {
  readonly id: string
  readonly version: number
  readonly displayName: string
  readonly terms: ShownTerms
}

export interface AssignmentDetail extends AssignmentView {
  readonly subject: Named & { readonly email: string | null }
  readonly accessPackage: Named
  readonly policy: GoverningPolicy | null
  readonly request: RequestView | null
  readonly roles: readonly (GrantView & {
    readonly resourceName: string | null
    readonly roleName: string | null
    /**
     * The assignment confers it, or did until it ended; false once the package has lost the role before. The file of
     * assignments lists these.
     */
    readonly conferred: boolean
    readonly delivery: Delivery
  })[]
  readonly history: readonly HistoryEntry[]
}

export interface AssignmentQueries {
  assignments(
    caller: Caller,
    options: ListOptions & AssignmentListFilters,
  ): Promise<Page<AssignmentView & ListedNames>>
  assignment(caller: Caller, id: string): Promise<AssignmentDetail | undefined>
}

/** Assignments (S19). */
export const assignmentQueries = (dependencies: QueryDependencies): AssignmentQueries => {
  const { store, views } = dependencies
  return {
    assignments: async (caller, { limit, cursor, ...asked }) => {
      const seen = await assignmentFilters(dependencies, caller, asked)
      const page = await views.assignments({ limit, cursor }, seen)
      return { ...page, items: await withListedNames(dependencies, page.items) }
    },

    assignment: async (caller, id) => {
      const located = parseAssignmentId(id)
      if (located === undefined) return undefined
      const [look, found] = await Promise.all([
        rightsAt(dependencies, caller, 'getAssignment', located),
        views.assignment(id),
      ])
      if (found === undefined || !look.permits({ subjectId: found.subjectId })) return undefined
      const manages = look.permits()
      const [grants, standings, log, request] = await Promise.all([
        views.grantsOfAssignment(id),
        views.rolesOfAssignments([id]),
        readEntitlement(store, located.entitlementId),
        views.request(found.requestId),
      ])
      const [names, deliveries, [itsRequest], unseen] = await Promise.all([
        lookUpNames(dependencies, {
          people: [found.subjectId],
          packages: [found.packageId],
          resources: grants.map(({ resourceId }) => resourceId),
        }),
        Promise.all(grants.map((grant) => readDelivery(store, grant.id, id))),
        withCurrentErrors(store, request === undefined ? [] : [request]),
        unseenHolders(
          dependencies,
          caller,
          found,
          grants.flatMap(({ holderIds }) => holderIds),
        ),
      ])
      const terms = pinnedTerms(log, found.requestId)
      return {
        ...found,
        subject: names.person(found.subjectId),
        accessPackage: names.package(found.packageId),
        policy: terms === undefined ? null : governing(found, terms, manages),
        request: itsRequest === undefined ? null : shownRequest(itsRequest, manages),
        roles: grants.flatMap((grant, index) => {
          const delivery = deliveries[index]
          if (delivery === undefined) return []
          const conferred = standings.some((role) => role.conferred && sameRole(role, grant))
          const holderIds = grant.holderIds.filter((holder) => !unseen.has(holder))
          return [
            {
              ...shownGrant({ ...grant, holderIds }, manages),
              ...names.role(grant),
              conferred,
              delivery: shownDelivery(delivery, manages),
            },
          ]
        }),
        history: assignmentHistory(log, id, found.requestId, manages),
      }
    },
  }
}

/** The target's own names of accounts are, like its words, for those who manage the package. */
const shownDelivery = (delivery: Delivery, whole: boolean): Delivery => ({
  ...delivery,
  receipt: whole ? delivery.receipt : null,
  failure: delivery.failure && shownFailure(delivery.failure, whole),
})

const shownGrant = (found: GrantView, whole: boolean): GrantView => {
  const grant = whole ? found : { ...found, receipt: null }
  const { lastError, retryAt } = grant
  if (lastError === null) return grant
  const { message } = shownFailure({ ...lastError, transient: retryAt !== null }, whole)
  return { ...grant, lastError: { ...lastError, message } }
}

/** Of the assignments that confer the same, those of packages that the caller doesn't see (S3). */
const unseenHolders = async (
  dependencies: QueryDependencies,
  caller: Caller,
  { packageId, subjectId }: AssignmentView,
  holderIds: readonly string[],
): Promise<ReadonlySet<string>> => {
  const packageOf = (id: string) => parseAssignmentId(id)?.packageId ?? ''
  const others = [...new Set(holderIds.map(packageOf))].filter((id) => id !== packageId)
  const seen = await Promise.all(
    others.map((id) =>
      maySee(dependencies, caller, 'getAssignment', { packageId: id }, { subjectId }),
    ),
  )
  const unseen = others.filter((_, index) => seen[index] !== true)
  return new Set(holderIds.filter((id) => unseen.includes(packageOf(id))))
}

export const governing = (
  { policyId, policyVersion }: Pick<AssignmentView, 'policyId' | 'policyVersion'>,
  terms: Parameters<typeof withoutPrincipals>[0],
  whole: boolean,
): GoverningPolicy => ({
  id: policyId,
  version: policyVersion,
  displayName: terms.displayName,
  terms: whole ? terms : withoutPrincipals(terms),
})

/** What the caller may see of what they ask for, as the views filter it. */
export const assignmentFilters = async (
  dependencies: QueryDependencies,
  caller: Caller,
  { catalogId, packageId, status, ...asked }: AssignmentListFilters,
): Promise<AssignmentFilters> => {
  const scope = await listScope(dependencies, caller, 'listAssignments', {
    ...(catalogId === undefined ? {} : { catalogId }),
    ...(packageId === undefined ? {} : { packageId }),
  })
  return { ...asked, ...scope, status: status && [...new Set(status.flatMap(preciseStatuses))] }
}

const preciseStatuses = (status: AssignmentStatusFilter): readonly AssignmentStatus[] => {
  switch (status) {
    case 'Active':
      return ['Delivering', 'Delivered', 'PartiallyDelivered']
    case 'PartiallyFulfilled':
      return ['PartiallyDelivered']
    default:
      return [status]
  }
}
