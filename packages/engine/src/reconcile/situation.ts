import {
  type EventStore,
  type LoadedStream,
  loadedStream,
  type RecordedEvent,
  type Revision,
  type StreamAsk,
} from '@portcullis/core'
import type { Directory } from '@portcullis/directory'
import {
  type AccessPackageEvent,
  type AccessPackageState,
  accessPackageDecider,
  accessPackageStream,
  type EntitlementEvent,
  type EntitlementState,
  entitlementDecider,
  entitlementStream,
  parseEntitlementId,
  type ResourceRoleRef,
  rolesEver,
} from '@portcullis/domain'

export type LoadedEntitlement = LoadedStream<EntitlementState, EntitlementEvent>

/** A package as all entitlements of a batch see it. */
export interface PackageSituation {
  readonly packageId: string
  readonly loaded: LoadedStream<AccessPackageState, AccessPackageEvent>
  /** All roles that the package has or once had: one that went away may still be held. */
  readonly rolesEver: readonly ResourceRoleRef[]
}

/** What a reconcile decides on. */
export interface Situation {
  readonly entitlementId: string
  readonly subjectId: string
  readonly entitlement: LoadedEntitlement
  readonly inPackage: PackageSituation
  /** The subject is disabled or gone: nothing new is given. */
  readonly withheld: boolean
}

/** Reads entitlements and their packages, each once. */
export const loadSituations = async (
  {
    store,
    directory,
  }: { readonly store: EventStore; readonly directory: Pick<Directory, 'leftAmong'> },
  ids: readonly string[],
): Promise<readonly Situation[]> => {
  const named = ids.map((id) => {
    const { packageId = '', subjectId = '' } = parseEntitlementId(id) ?? {}
    return { entitlementId: id, packageId, subjectId }
  })
  const packageIds = [...new Set(named.map(({ packageId }) => packageId))]
  const read = await store.readStreams([
    ...packageIds.map((id) => ({ stream: accessPackageStream(id) })),
    ...ids.map((id) => ({ stream: entitlementStream(id) })),
  ])
  const left = await directory.leftAmong([...new Set(named.map(({ subjectId }) => subjectId))])
  const packages = new Map(
    packageIds.map((packageId, index) => [
      packageId,
      packageSituation(
        packageId,
        (read[index] ?? []) as readonly RecordedEvent<AccessPackageEvent>[],
      ),
    ]),
  )
  return named.flatMap(({ packageId, ...entitlement }, index) => {
    const inPackage = packages.get(packageId)
    const events = read[packageIds.length + index] ?? []
    if (inPackage === undefined) return []
    return {
      ...entitlement,
      inPackage,
      withheld: left.has(entitlement.subjectId),
      entitlement: loadedStream(
        entitlementDecider,
        events as readonly RecordedEvent<EntitlementEvent>[],
      ),
    }
  })
}

const packageSituation = (
  packageId: string,
  events: readonly RecordedEvent<AccessPackageEvent>[],
): PackageSituation => {
  const loaded = loadedStream(accessPackageDecider, events)
  return { packageId, loaded, rolesEver: rolesEver(loaded.state) }
}

/**
 * Which of the situations have changed since they were loaded: any news of the package, or another standing of an
 * assignment; our own records don't count.
 * @param seen entitlements whose state of later the caller knows
 */
export const movedSince = async (
  store: EventStore,
  situations: readonly Situation[],
  seen: ReadonlyMap<string, EntitlementState>,
): Promise<readonly Situation[]> => {
  const packages = packagesOf(situations)
  const unseen = situations.filter(({ entitlementId }) => !seen.has(entitlementId))
  const read = await store.readStreams([
    ...packages.map(newsOfPackage),
    ...unseen.map(({ entitlementId, entitlement }) =>
      newsOf(entitlementStream(entitlementId), entitlement),
    ),
  ])
  const moved = new Set(packages.filter((_, index) => read[index]?.length !== 0))
  const now = new Map(seen)
  for (const [index, { entitlementId, entitlement }] of unseen.entries()) {
    const events = (read[packages.length + index] ?? []) as readonly EntitlementEvent[]
    now.set(entitlementId, events.reduce(entitlementDecider.evolve, entitlement.state))
  }
  return situations.filter(
    ({ entitlementId, entitlement, inPackage }) =>
      moved.has(inPackage) ||
      standing(now.get(entitlementId) ?? entitlement.state) !== standing(entitlement.state),
  )
}

/** The packages of the situations of which there is news since they were loaded. */
export const movedPackages = async (
  store: EventStore,
  situations: readonly Situation[],
): Promise<ReadonlySet<PackageSituation>> => {
  const packages = packagesOf(situations)
  const read = await store.readStreams(packages.map(newsOfPackage))
  return new Set(packages.filter((_, index) => read[index]?.length !== 0))
}

const packagesOf = (situations: readonly Situation[]): readonly PackageSituation[] => [
  ...new Set(situations.map(({ inPackage }) => inPackage)),
]

const newsOfPackage = ({ packageId, loaded }: PackageSituation): StreamAsk =>
  newsOf(accessPackageStream(packageId), loaded)

const newsOf = (
  stream: string,
  { revision }: { readonly revision: Revision | undefined },
): StreamAsk => ({ stream, ...(revision === undefined ? {} : { after: revision }) })

const standing = ({ assignments }: EntitlementState): string =>
  assignments.map(({ assignmentId, status }) => `${assignmentId}:${status}`).join()
