import type { RecordedEvent } from '@portcullis/core'
import {
  type AccessPackageEvent,
  accessPackageStream,
  type PolicyState,
  packageExists,
  type QueryName,
} from '@portcullis/domain'
import type { HistoryEntry, PackageView, Page } from '@portcullis/views'
import type { Caller } from '../caller.ts'
import { admittedDirectoryOf, policyApplications } from '../facts/eligibility.ts'
import { createStates, personOf } from '../facts/states.ts'
import { maySee, sightOf } from './access.ts'
import type { QueryDependencies } from './dependencies.ts'
import { emptyPage, type ListOptions } from './listOptions.ts'
import { conferredBy, lookUpNames } from './names.ts'
import { type PolicyVersionView, policyVersions } from './policyVersions.ts'
import { type RequestablePackage, requestablePackage, requestablePolicies } from './requestable.ts'
import { streamHistory } from './streamHistory.ts'

export interface PackageQueries {
  /** Packages that the actor manages. */
  packages(
    caller: Caller,
    options: ListOptions & { readonly catalogId?: string; readonly includeDeleted?: boolean },
  ): Promise<Page<PackageView>>
  /** For who manages it; also once it has been deleted (S24). */
  package(caller: Caller, id: string): Promise<PackageView | undefined>
  /** The package's own events, from the first on; also once it has been deleted. */
  packageHistory(
    caller: Caller,
    id: string,
    options: ListOptions,
  ): Promise<Page<HistoryEntry> | undefined>
  /** What a policy of it has said, since when and by whom (S7); also a policy that has been removed. */
  policyVersions(
    caller: Caller,
    packageId: string,
    policyId: string,
  ): Promise<readonly PolicyVersionView[] | undefined>
  /** Packages that the actor may request now, or has (S23). */
  requestable(caller: Caller, options: ListOptions): Promise<Page<RequestablePackage>>
  /** One of them, hidden or not: what a direct link leads to (S23). */
  requestablePackage(caller: Caller, id: string): Promise<RequestablePackage | undefined>
}

/** Access packages, and who may request them (S2, S7–S9, S23). */
export const packageQueries = (dependencies: QueryDependencies): PackageQueries => {
  const { store, clock, directory, views } = dependencies
  const states = createStates(store)
  /** May the caller, who manages the package, see this of it? Also once it has been deleted. */
  const mayManage = (caller: Caller, name: QueryName, packageId: string): Promise<boolean> =>
    maySee(dependencies, caller, name, { packageId })
  return {
    packages: async (caller, { catalogId, includeDeleted, ...options }) => {
      const { everything, catalogIds } = await sightOf(dependencies, caller, 'listAccessPackages')
      const asked = catalogId === undefined ? undefined : [catalogId]
      const seen = everything
        ? asked
        : (asked?.filter((id) => catalogIds.includes(id)) ?? catalogIds)
      return views.packages(options, { catalogIds: seen, includeDeleted })
    },

    package: async (caller, id) =>
      (await mayManage(caller, 'getAccessPackage', id)) ? views.package(id) : undefined,

    packageHistory: async (caller, id, options) => {
      if (!(await mayManage(caller, 'getAccessPackageHistory', id))) return undefined
      const history = await streamHistory(store, accessPackageStream(id), options)
      return history.items.length === 0 && options.cursor === undefined ? undefined : history
    },

    policyVersions: async (caller, packageId, policyId) => {
      if (!(await mayManage(caller, 'listPolicyVersions', packageId))) return undefined
      const events = await store.readStream(accessPackageStream(packageId))
      // The codec decodes every stream by its own schemas.
      const versions = policyVersions(
        events as readonly RecordedEvent<AccessPackageEvent>[],
        policyId,
      )
      return versions.length === 0 ? undefined : versions
    },

    requestable: async (caller, options) => {
      const { person, groupIds } = await sightOf(dependencies, caller, 'listRequestablePackages')
      if (person === undefined) return emptyPage<RequestablePackage>()
      const requestor = {
        personId: person.id,
        groupIds,
        externalDirectoryId: await admittedDirectoryOf(directory, person),
      }
      const { items, next } = await views.requestable(requestor, options)
      const [applications, standing] = await Promise.all([
        policyApplications(directory, items.flatMap(policiesOf), person, clock.now()),
        views.standingOf(
          person.id,
          items.map(({ id }) => id),
        ),
      ])
      const names = await lookUpNames(dependencies, {
        resources: items.flatMap(({ resourceRoles }) =>
          resourceRoles.map(({ resourceId }) => resourceId),
        ),
      })
      // The applications are in the order of the policies that were asked for.
      let from = 0
      return {
        items: items.map((found) => {
          const own = applications.slice(from, from + found.policies.length)
          from += found.policies.length
          return requestablePackage(
            found,
            requestablePolicies(own),
            conferredBy(names, found.resourceRoles),
            standing.get(found.id),
          )
        }),
        next,
      }
    },

    requestablePackage: async (caller, id) => {
      const person = await personOf(directory, caller.actor)
      if (!person?.enabled) return undefined
      const state = await states.package(id)
      if (!packageExists(state)) return undefined
      const policies = requestablePolicies(
        await policyApplications(directory, state.policies, person, clock.now()),
      )
      if (policies.length === 0) return undefined
      const [standing, names] = await Promise.all([
        views.standingOf(person.id, [id]),
        lookUpNames(dependencies, {
          resources: state.resourceRoles.map(({ resourceId }) => resourceId),
        }),
      ])
      const roles = conferredBy(names, state.resourceRoles)
      return requestablePackage({ ...state, id }, policies, roles, standing.get(id))
    },
  }
}

const policiesOf = ({ policies }: PackageView): readonly PolicyState[] =>
  policies.map(({ id, version, enabled, terms }) => ({
    policyId: id,
    policyVersion: version,
    enabled,
    terms,
  }))
