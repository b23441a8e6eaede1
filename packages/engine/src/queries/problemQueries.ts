import { addMillis } from '@portcullis/core'
import type {
  Page,
  ProblemCounts,
  ProblemFilters,
  ProblemKind,
  ProblemState,
  ProblemView,
  RemovalLag,
} from '@portcullis/views'
import type { Caller } from '../caller.ts'
import { sightOf } from './access.ts'
import type { QueryDependencies } from './dependencies.ts'
import type { ListOptions } from './listOptions.ts'

/** What every list of open problems, and their counts, can be narrowed to. */
export interface ProblemListFilters {
  readonly kind?: ProblemKind
  readonly connector?: string
  readonly resourceId?: string
  readonly packageId?: string
  readonly operation?: ProblemView['operation']
  readonly state?: ProblemState
  /** Instant: only what has been so since before it. */
  readonly sinceBefore?: string
}

export interface OpenProblem extends ProblemView {
  /** Null where it isn't about a resource, and where the directory doesn't know that any more. */
  readonly connector: string | null
}

export interface OpenProblemCounts {
  readonly total: number
  readonly oldest: string | null
  readonly items: readonly (ProblemCounts & Pick<OpenProblem, 'connector'>)[]
}

export interface RemovalReportFilters {
  readonly connector?: string
  readonly resourceId?: string
  /** Instant, inclusive: when it was removed. */
  readonly from?: string
  /** Instant, exclusive. */
  readonly to?: string
}

export interface ProblemQueries {
  /**
   * What isn't as it should be (promise 2), the longest first; of their own catalogs for anybody who manages packages.
   */
  problems(caller: Caller, options: ListOptions & ProblemListFilters): Promise<Page<OpenProblem>>
  problemCounts(caller: Caller, filters: ProblemListFilters): Promise<OpenProblemCounts>
  /**
   * How long access outlived its end, by resource; of the resources in their own catalogs for anybody who manages
   * packages.
   */
  removals(
    caller: Caller,
    filters: RemovalReportFilters,
  ): Promise<{ readonly items: readonly (RemovalLag & Pick<OpenProblem, 'connector'>)[] }>
}

/** What is under way for so long without a failure is no problem yet, milliseconds. */
export const USUAL_MILLIS = 60_000

export const problemQueries = (dependencies: QueryDependencies): ProblemQueries => {
  const { clock, directory, views } = dependencies
  const overdueBefore = (): string => addMillis(clock.now(), -USUAL_MILLIS)

  /** The resources that are asked for; undefined for all. */
  const resourcesOf = async ({
    connector,
    resourceId,
  }: Pick<ProblemListFilters, 'connector' | 'resourceId'>) => {
    const named = resourceId === undefined ? undefined : [resourceId]
    if (connector === undefined) return named
    const ids = await directory.resourceIdsOf(connector)
    return named?.filter((id) => ids.includes(id)) ?? ids
  }

  const filtersFor = async (
    caller: Caller,
    name: 'listOpenProblems' | 'countOpenProblems',
    { kind, packageId, operation, state, sinceBefore, ...where }: ProblemListFilters,
  ): Promise<ProblemFilters> => {
    const [sight, resourceIds] = await Promise.all([
      sightOf(dependencies, caller, name),
      resourcesOf(where),
    ])
    return {
      kinds: kind === undefined ? undefined : [kind],
      resourceIds,
      operation,
      state,
      sinceBefore,
      packageIds: packageId === undefined ? undefined : [packageId],
      withinPackageIds: sight.everything ? undefined : await views.packageIdsIn(sight.catalogIds),
    }
  }

  const withConnectors = async <Item extends { readonly resourceId: string | null }>(
    items: readonly Item[],
  ): Promise<readonly (Item & Pick<OpenProblem, 'connector'>)[]> => {
    const ids = items.flatMap(({ resourceId }) => (resourceId === null ? [] : [resourceId]))
    const resources = await directory.resources([...new Set(ids)])
    return items.map((item) => ({
      ...item,
      connector: resources.get(item.resourceId ?? '')?.connector ?? null,
    }))
  }

  return {
    problems: async (caller, { limit, cursor, ...asked }) => {
      const filters = await filtersFor(caller, 'listOpenProblems', asked)
      const page = await views.problems({ limit, cursor }, overdueBefore(), filters)
      const theirs = filters.withinPackageIds
      const items = page.items.map((item) => ({
        ...item,
        // Who else has a part in it, in other catalogs, isn't theirs to see.
        assignmentIds: item.assignmentIds.filter(isOf(theirs)),
        requestIds: item.requestIds.filter(isOf(theirs)),
      }))
      return { items: await withConnectors(items), next: page.next }
    },
    problemCounts: async (caller, asked) => {
      const filters = await filtersFor(caller, 'countOpenProblems', asked)
      const counts = await views.problemCounts(overdueBefore(), filters)
      const oldest = counts.map((each) => each.oldest).sort()[0] ?? null
      return {
        total: counts.reduce((sum, { count }) => sum + count, 0),
        oldest,
        items: await withConnectors(counts),
      }
    },
    removals: async (caller, { from, to, ...where }) => {
      const [sight, asked] = await Promise.all([
        sightOf(dependencies, caller, 'reportRemovals'),
        resourcesOf(where),
      ])
      const theirs = sight.everything
        ? undefined
        : await resourcesIn(dependencies, sight.catalogIds)
      const resourceIds = asked?.filter((id) => theirs?.includes(id) ?? true) ?? theirs
      return { items: await withConnectors(await views.removalLags({ resourceIds, from, to })) }
    },
  }
}

/**
 * Whether the id of an assignment or a request, which begins with its package's, is of one of these; any is without
 * them.
 */
const isOf =
  (packageIds: readonly string[] | undefined) =>
  (id: string): boolean =>
    packageIds?.includes(id.split('.', 1)[0] ?? '') ?? true

const resourcesIn = async (
  { views }: Pick<QueryDependencies, 'views'>,
  catalogIds: readonly string[],
): Promise<readonly string[]> => {
  const catalogs = await Promise.all(catalogIds.map((id) => views.catalog(id)))
  return catalogs.flatMap((catalog) => catalog?.resourceIds ?? [])
}
