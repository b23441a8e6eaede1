import type { EventStore, Position } from '@portcullis/core'
import type { Directory } from '@portcullis/directory'
import { parseAssignmentId, parseRequestId } from '@portcullis/domain'
import type {
  AssignmentView,
  CatalogView,
  Page,
  Projections,
  RequestView,
  Views,
} from '@portcullis/views'
import { type Application, type Caller, ViewsLagging } from '../application.ts'
import { createStates, personOf } from '../commands/facts.ts'
import { policyApplications } from '../eligibility.ts'
import { managesPackage, type Sight, sightOf } from './access.ts'
import { assignmentHistory, requestHistory } from './history.ts'

export interface QueryDependencies {
  readonly store: EventStore
  readonly directory: Directory
  readonly views: Views
  readonly projections: Projections
}

type Queries = Omit<Application, 'execute'>

/** Queries with their guard: a subject sees their own, an approver what waits for them, a package's managers what is theirs (S3). */
export const createQueries = (dependencies: QueryDependencies): Queries => {
  const { store, directory, views, projections } = dependencies
  const states = createStates(store)
  const sight = (caller: Caller): Promise<Sight> => sightOf(dependencies, caller)

  return {
    waitFor: async (position: Position, timeoutMs: number) => {
      if (!(await projections.waitFor(position, timeoutMs))) throw new ViewsLagging(position)
    },

    whoAmI: async (caller) => {
      const person = await personOf(directory, caller.actor)
      if (!person?.enabled) return { person: person ?? null, groupIds: [] }
      return { person, groupIds: await directory.groupsOf(person.id) }
    },

    catalogs: async (caller, options) => {
      const { everything, person } = await sight(caller)
      if (everything) return views.catalogs(options)
      // Those of one person fit on one page.
      return person?.enabled
        ? { items: await views.catalogsOf(person.id), next: null }
        : emptyPage<CatalogView>()
    },

    catalog: async (caller, id) => {
      const { everything, catalogIds } = await sight(caller)
      return everything || catalogIds.includes(id) ? views.catalog(id) : undefined
    },

    packages: async (caller, { catalogId, ...options }) => {
      const { everything, catalogIds } = await sight(caller)
      const asked = catalogId === undefined ? undefined : [catalogId]
      const seen = everything
        ? asked
        : (asked?.filter((id) => catalogIds.includes(id)) ?? catalogIds)
      return views.packages(options, { catalogIds: seen })
    },

    package: async (caller, id) => {
      const [seen, found] = await Promise.all([sight(caller), views.package(id)])
      if (found === undefined) return undefined
      if (seen.everything || seen.catalogIds.includes(found.catalogId)) return found
      // The direct link works for everyone whom an enabled policy lets in, hidden or not (S23).
      const state = await states.package(id)
      const applications = await policyApplications(directory, state.policies, seen.person)
      const applying = new Set(
        applications
          .filter(({ enabled, basis }) => enabled && basis !== null)
          .map(({ policyId }) => policyId),
      )
      if (applying.size === 0 || !seen.person?.enabled) return undefined
      return { ...found, policies: found.policies.filter((policy) => applying.has(policy.id)) }
    },

    requestable: async (caller, options) => {
      const { person, groupIds } = await sight(caller)
      if (!person?.enabled) return { items: [], next: null }
      return views.requestable(
        { personId: person.id, groupIds, externalDirectoryId: person.externalDirectoryId },
        options,
      )
    },

    why: async (caller, packageId, subjectId) => {
      const seen = await sight(caller)
      if (seen.callerId !== subjectId && !(await managesPackage(views, seen, packageId)))
        return undefined
      const state = await states.package(packageId)
      if (state.packageId === null) return undefined
      return policyApplications(directory, state.policies, await directory.person(subjectId))
    },

    requests: async (caller, { packageId, subjectId, status, waitingForMe, ...page }) => {
      const seen = await sight(caller)
      const filters = {
        subjectId,
        status,
        packageIds: packageId === undefined ? undefined : [packageId],
      }
      if (waitingForMe)
        return seen.person?.enabled
          ? views.requests(page, {
              ...filters,
              waitingFor: { personId: seen.person.id, groupIds: seen.groupIds },
            })
          : emptyPage<RequestView>()
      const all =
        seen.everything ||
        (packageId !== undefined && (await managesPackage(views, seen, packageId)))
      return views.requests(
        page,
        all ? filters : { ...filters, requestorOrSubjectId: seen.callerId },
      )
    },

    request: async (caller, id) => {
      const located = parseRequestId(id)
      if (located === undefined) return undefined
      const [seen, found] = await Promise.all([sight(caller), views.request(id)])
      if (found === undefined || !(await maySeeRequest(views, seen, found))) return undefined
      return { ...found, history: await requestHistory(store, located.entitlementId, id) }
    },

    assignments: async (caller, { packageId, subjectId, status, ...page }) => {
      const seen = await sight(caller)
      const all =
        seen.everything ||
        (packageId !== undefined && (await managesPackage(views, seen, packageId)))
      // Whoever may not see all sees their own; asking for somebody else's finds nothing.
      if (!all && subjectId !== undefined && subjectId !== seen.callerId)
        return emptyPage<AssignmentView>()
      return views.assignments(page, {
        status,
        subjectId: all ? subjectId : seen.callerId,
        packageIds: packageId === undefined ? undefined : [packageId],
      })
    },

    assignment: async (caller, id) => {
      const located = parseAssignmentId(id)
      if (located === undefined) return undefined
      const [seen, found] = await Promise.all([sight(caller), views.assignment(id)])
      if (found === undefined) return undefined
      const theirs = found.subjectId === seen.callerId
      if (!theirs && !(await managesPackage(views, seen, found.packageId))) return undefined
      const [roles, history] = await Promise.all([
        views.grantsOfAssignment(id),
        assignmentHistory(store, located.entitlementId, id, found.requestId),
      ])
      return { ...found, roles, history }
    },

    projections: () => projections.status(),
  }
}

const emptyPage = <Row>(): Page<Row> => ({ items: [], next: null })

const maySeeRequest = async (
  views: Views,
  sight: Sight,
  request: RequestView,
): Promise<boolean> => {
  if (request.subjectId === sight.callerId || request.requestorId === sight.callerId) return true
  const { person } = sight
  if (
    person?.enabled &&
    (request.approverIds.includes(person.id) ||
      request.approverGroupIds.some((id) => sight.groupIds.includes(id)))
  )
    return true
  return managesPackage(views, sight, request.packageId)
}
