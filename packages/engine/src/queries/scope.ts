import { enoughFor, type QueryName } from '@portcullis/domain'
import type { Within } from '@portcullis/views'
import type { Caller } from '../caller.ts'
import { maySee, sightOf } from './access.ts'
import type { QueryDependencies } from './dependencies.ts'

/** Which packages' lists are asked for, and what of them the caller sees. */
export interface ListScope {
  readonly packageIds: readonly string[] | undefined
  /** Undefined: everything. */
  readonly within: Within | undefined
}

/**
 * What a list of requests or assignments may show (S3, S19, S20): a User administrator sees everything, anybody who
 * manages packages sees those of all their catalogs, and everybody sees their own; of requests also what waits for
 * them.
 * @param name the list's row in the permission matrix
 */
export const listScope = async (
  dependencies: QueryDependencies,
  caller: Caller,
  name: QueryName,
  { packageId, catalogId }: { readonly packageId?: string; readonly catalogId?: string },
): Promise<ListScope> => {
  const { views } = dependencies
  const [seen, managed, inCatalog] = await Promise.all([
    sightOf(dependencies, caller, name),
    packageId !== undefined && maySee(dependencies, caller, name, { packageId }),
    catalogId === undefined ? undefined : views.packageIdsIn([catalogId]),
  ])
  const named = packageId === undefined ? undefined : [packageId]
  const packageIds = named?.filter((id) => inCatalog?.includes(id) ?? true) ?? inCatalog
  if (seen.everything || managed) return { packageIds, within: undefined }
  const theirs = seen.catalogIds.length === 0 ? [] : await views.packageIdsIn(seen.catalogIds)
  const { person, groupIds, callerId } = seen
  const decides = person !== undefined && enoughFor(name).includes('Approver')
  const decider = decides ? { personId: person.id, groupIds } : undefined
  return { packageIds, within: { packageIds: theirs, personId: callerId, decider } }
}
