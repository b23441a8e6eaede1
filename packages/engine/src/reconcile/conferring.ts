import {
  type EventStore,
  type Instant,
  type LoadedStream,
  loadedStream,
  type RecordedEvent,
} from '@portcullis/core'
import {
  type AccessPackageEvent,
  type AccessPackageState,
  type AssignmentState,
  accessPackageDecider,
  accessPackageStream,
  confersRole,
  type EntitlementEvent,
  type EntitlementState,
  entitlementDecider,
  entitlementId,
  entitlementStream,
  parseAssignmentId,
  parseEntitlementId,
  type ResourceRoleRef,
} from '@portcullis/domain'
import { isActive } from './claim.ts'
import type { LoadedGrant } from './grants.ts'
import { type RolePackages, roleKey } from './rolePackages.ts'
import { grantIds } from './targets.ts'

export interface StandingsDependencies {
  readonly store: Pick<EventStore, 'readStreams'>
  readonly rolePackages: RolePackages
}

/** Whose is a grant, by the subject's own assignments, held or not (promise 4). */
export interface Standing {
  /** Active assignments that confer it. */
  readonly conferring: readonly string[]
  /**
   * The earliest start of a scheduled assignment that is to confer it and whose time has come, though the engine hasn't
   * told it so yet; null: none.
   */
  readonly startingSince: Instant | null
}

export interface Asked {
  readonly grantId: string
  readonly grant: LoadedGrant
}

type LoadedEntitlement = LoadedStream<EntitlementState, EntitlementEvent>

/**
 * What the streams say of who confers each of these grants, as of now: of every package that may confer the role, the
 * subject's entitlement, and the package where that is live.
 * @param which `shared`: only of roles that several packages may confer; the others cost nothing more than the look at
 *   which these are
 * @returns by grant id
 */
export const standingsOf = async (
  { store, rolePackages }: StandingsDependencies,
  asked: readonly Asked[],
  which: 'all' | 'shared',
  now: Instant,
): Promise<ReadonlyMap<string, Standing>> => {
  if (asked.length === 0) return new Map()
  const all = asked.map((each) => ({ ...each, role: grantIds(each.grantId) }))
  const packagesOf = await rolePackages.of(all.map(({ role }) => role))
  const grants = all.filter(
    ({ role }) => which === 'all' || (packagesOf.get(roleKey(role)) ?? []).length > 1,
  )
  const entitlements = await loadEntitlements(
    store,
    grants.flatMap(({ role }) =>
      (packagesOf.get(roleKey(role)) ?? []).map((id) => entitlementId(id, role.subjectId)),
    ),
  )
  const live = [...entitlements].filter(([, { state }]) => state.assignments.some(mayConfer))
  const packages = await loadPackages(
    store,
    live.map(([id]) => packageOf(id)),
  )
  const standings = new Map<string, Standing>()
  for (const { grantId, grant, role } of grants) {
    const own = (packagesOf.get(roleKey(role)) ?? []).flatMap((packageId) => {
      const entitlement = entitlements.get(entitlementId(packageId, role.subjectId))
      return entitlement === undefined ? [] : [{ packageId, entitlement }]
    })
    const moment = latestOf([now, ...own.map(({ entitlement }) => expiryOf(entitlement, grant))])
    const found = own.flatMap(({ packageId, entitlement }) => {
      const accessPackage = packages.get(packageId)
      if (accessPackage === undefined) return []
      return entitlement.state.assignments.map((assignment) => ({
        assignment,
        part: partIn(accessPackage, assignment, role, grant, moment),
      }))
    })
    standings.set(grantId, {
      conferring: found.flatMap(({ assignment, part }) =>
        part === 'confers' ? [assignment.assignmentId] : [],
      ),
      startingSince:
        found
          .flatMap(({ assignment, part }) => (part === 'starts' ? [assignment.startAt] : []))
          .sort()[0] ?? null,
    })
  }
  return standings
}

/** Which of these assignments are over by now. */
export const overOf = async (
  store: Pick<EventStore, 'readStreams'>,
  assignmentIds: readonly string[],
): Promise<ReadonlySet<string>> => {
  const ids = assignmentIds.flatMap((id) => parseAssignmentId(id)?.entitlementId ?? [])
  const entitlements = await loadEntitlements(store, ids)
  const over = [...entitlements.values()].flatMap(({ state }) =>
    state.assignments.filter((each) => !isActive(each)).map(({ assignmentId }) => assignmentId),
  )
  return new Set(over)
}

/** Instants sort as texts. */
export const latestOf = (instants: readonly Instant[]): Instant => instants.toSorted().at(-1) ?? ''

const mayConfer = ({ status }: AssignmentState): boolean =>
  status === 'active' || status === 'scheduled'

const packageOf = (id: string): string => parseEntitlementId(id)?.packageId ?? ''

const loadEntitlements = async (
  store: Pick<EventStore, 'readStreams'>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, LoadedEntitlement>> => {
  const each = [...new Set(ids)]
  const read = await store.readStreams(each.map((id) => ({ stream: entitlementStream(id) })))
  return new Map(
    each.flatMap((id, index) => {
      // The codec decodes every stream by its own schemas, so that a stream's name tells the type of its events.
      const events = (read[index] ?? []) as readonly RecordedEvent<EntitlementEvent>[]
      return events.length === 0 ? [] : [[id, loadedStream(entitlementDecider, events)]]
    }),
  )
}

const loadPackages = async (
  store: Pick<EventStore, 'readStreams'>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, AccessPackageState>> => {
  const each = [...new Set(ids)]
  const read = await store.readStreams(each.map((id) => ({ stream: accessPackageStream(id) })))
  return new Map(
    each.map((id, index) => {
      const events = (read[index] ?? []) as readonly RecordedEvent<AccessPackageEvent>[]
      return [id, loadedStream(accessPackageDecider, events).state]
    }),
  )
}

/**
 * When what held the grant expired: the one who fired that had got there by the clock, though ours may be behind. What
 * was removed before its end says nothing of the time.
 */
const expiryOf = ({ events }: LoadedEntitlement, { events: known }: LoadedGrant): Instant => {
  const held = new Set(
    known.flatMap((event) => (event.type === 'HoldAdded.v1' ? [event.data.assignmentId] : [])),
  )
  const ends = events.flatMap((event) =>
    event.type === 'AssignmentEnded.v2' &&
    event.data.reason === 'expired' &&
    held.has(event.data.assignmentId)
      ? (event.data.endAt ?? [])
      : [],
  )
  return latestOf(ends)
}

const partIn = (
  accessPackage: AccessPackageState,
  assignment: AssignmentState,
  role: ResourceRoleRef,
  { state }: LoadedGrant,
  moment: Instant,
): 'confers' | 'starts' | null => {
  const held = state.holders.includes(assignment.assignmentId)
  if (assignment.status === 'active')
    return confersRole(accessPackage, assignment, role, held) ? 'confers' : null
  const { status, startAt, endAt } = assignment
  const isDue = status === 'scheduled' && startAt <= moment && (endAt === null || endAt > moment)
  // It will confer what a new assignment does; with its package gone, it never starts, nor while its subject has left.
  return isDue &&
    !assignment.startWithheld &&
    !accessPackage.deleted &&
    confersRole(accessPackage, { ...assignment, status: 'active' }, role, false)
    ? 'starts'
    : null
}
