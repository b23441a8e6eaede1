import type { Person } from '@portcullis/directory'
import { parseRequestId } from '@portcullis/domain'
import type {
  HistoryEntry,
  Page,
  RequestFilters,
  RequestStatus,
  RequestView,
} from '@portcullis/views'
import type { Caller } from '../caller.ts'
import { createStates } from '../facts/states.ts'
import { rightsAt, sightOf } from './access.ts'
import { type GoverningPolicy, governing } from './assignmentQueries.ts'
import type { QueryDependencies } from './dependencies.ts'
import { type CurrentError, currentErrors, withCurrentErrors } from './fulfilmentErrors.ts'
import { type EntitlementLog, pinnedTerms, readEntitlement, requestHistory } from './history.ts'
import type { ListOptions } from './listOptions.ts'
import {
  type ConferredRole,
  conferredBy,
  type ListedNames,
  lookUpNames,
  type Named,
  type Names,
  withListedNames,
} from './names.ts'
import { listScope } from './scope.ts'
import { shownFailure, shownRequests } from './shownFailures.ts'

export interface RequestListFilters {
  readonly catalogId?: string
  readonly packageId?: string
  readonly policyId?: string
  readonly subjectId?: string
  readonly requestorId?: string
  readonly kind?: readonly RequestView['kind'][]
  readonly status?: readonly RequestStatus[]
  readonly subStatus?: readonly Exclude<RequestView['subStatus'], null>[]
  /** Instant, inclusive. */
  readonly submittedFrom?: string
  /** Instant, exclusive. */
  readonly submittedTo?: string
  /** Only those waiting for the actor's decision (S20). */
  readonly waitingForMe?: boolean
}

export interface DetailedError extends CurrentError {
  readonly resourceName: string | null
  readonly roleName: string | null
}

export interface RequestDetail extends RequestView {
  readonly subject: Named & { readonly email: string | null }
  readonly accessPackage: Named
  readonly policy: GoverningPolicy | null
  readonly fulfilmentErrors: readonly DetailedError[]
  readonly fulfilmentErrorCount: number
  /** What the package confers now. */
  readonly roles: readonly ConferredRole[]
  readonly history: readonly HistoryEntry[]
}

export interface RequestQueries {
  requests(
    caller: Caller,
    options: ListOptions & RequestListFilters,
  ): Promise<Page<RequestView & ListedNames>>
  request(caller: Caller, id: string): Promise<RequestDetail | undefined>
}

/** Requests (S20, S21). */
export const requestQueries = (dependencies: QueryDependencies): RequestQueries => {
  const { store, views } = dependencies
  const states = createStates(store)
  return {
    requests: async (caller, { limit, cursor, ...asked }) => {
      const seen = await requestFilters(dependencies, caller, asked)
      const page = await views.requests({ limit, cursor }, seen)
      const items = shownRequests(await withCurrentErrors(store, page.items), seen)
      return { ...page, items: await withListedNames(dependencies, items) }
    },

    request: async (caller, id) => {
      const located = parseRequestId(id)
      if (located === undefined) return undefined
      const [look, found] = await Promise.all([
        rightsAt(dependencies, caller, 'getRequest', located),
        views.request(id),
      ])
      if (found === undefined) return undefined
      // After the view, so that the history has all that the state comes from.
      const log = await readEntitlement(store, located.entitlementId)
      const manages = look.permits()
      const target = {
        subjectId: found.subjectId,
        requestorId: found.kind === 'direct' ? null : found.requestorId,
        approver: await isApprover(dependencies, look.person, found, log),
      }
      if (!look.permits(target)) return undefined
      const { resourceRoles } = await states.package(found.packageId)
      const names = await lookUpNames(dependencies, {
        people: [found.subjectId],
        packages: [found.packageId],
        resources: [...found.fulfilmentErrors, ...resourceRoles].map(
          ({ resourceId }) => resourceId,
        ),
      })
      const terms = pinnedTerms(log, id)
      return {
        ...found,
        subject: names.person(found.subjectId),
        accessPackage: names.package(found.packageId),
        policy: terms === undefined ? null : governing(found, terms, manages),
        fulfilmentErrors: await detailedErrors(dependencies, found, names, manages),
        fulfilmentErrorCount: found.fulfilmentErrors.length,
        roles: conferredBy(names, resourceRoles),
        history: requestHistory(log, id, manages),
      }
    },
  }
}

const detailedErrors = async (
  { store }: QueryDependencies,
  request: RequestView,
  names: Names,
  whole: boolean,
): Promise<readonly DetailedError[]> => {
  const [errors = []] = await currentErrors(store, [request])
  return errors.map((error) => ({ ...shownFailure(error, whole), ...names.role(error) }))
}

/** What the caller may see of what they ask for, as the views filter it. */
export const requestFilters = async (
  dependencies: QueryDependencies,
  caller: Caller,
  { catalogId, packageId, waitingForMe, ...asked }: RequestListFilters,
): Promise<RequestFilters> => {
  const scope = await listScope(dependencies, caller, 'listRequests', {
    ...(catalogId === undefined ? {} : { catalogId }),
    ...(packageId === undefined ? {} : { packageId }),
  })
  if (!waitingForMe) return { ...asked, ...scope }
  const { person, groupIds } = await sightOf(dependencies, caller, 'listRequests')
  return person === undefined
    ? { ...asked, packageIds: [] }
    : {
        ...asked,
        packageIds: scope.packageIds,
        waitingFor: { personId: person.id, groupIds },
      }
}
/** Does it wait for the person's decision now, or have they decided on a stage of it? */
const isApprover = async (
  { clock, directory }: QueryDependencies,
  person: Person | undefined,
  { id, status, approverIds, approverGroupIds }: RequestView,
  log: EntitlementLog,
): Promise<boolean> => {
  if (person === undefined) return false
  const decided = log.some(
    ({ type, data }) =>
      (type === 'ApprovalGranted.v1' || type === 'ApprovalDenied.v1') &&
      data.requestId === id &&
      data.approverId === person.id,
  )
  if (decided || status !== 'PendingApproval') return decided
  if (approverIds.includes(person.id)) return true
  const groupIds = await directory.memberOfAny(person.id, approverGroupIds, clock.now())
  return groupIds.length > 0
}
