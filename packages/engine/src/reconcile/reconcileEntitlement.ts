import { type EventStore, fold } from '@portcullis/core'
import {
  type AccessPackageEvent,
  type AssignmentState,
  accessPackageDecider,
  accessPackageStream,
  type EntitlementEvent,
  type EntitlementFacts,
  type EntitlementState,
  entitlementDecider,
  entitlementStream,
  type GrantEvent,
  type GrantState,
  grantDecider,
  grantDesired,
  grantId,
  grantSettled,
  grantStream,
  type ObservedRole,
  parseAssignmentId,
  parseGrantId,
  type ResourceRoleRef,
  sameRole,
} from '@portcullis/domain'
import { type ProvisionDependencies, provisionGrant } from './provisionGrant.ts'

export interface ReconcileDependencies extends ProvisionDependencies {
  readonly store: EventStore
}

export interface ReconcileResult {
  /** Other entitlements whose standing depends on a grant that changed. */
  readonly alsoAffected: readonly string[]
  /** Grants that somebody else is at, and when to look again. */
  readonly lookAgain: readonly { readonly grantId: string; readonly at: string }[]
}

const ENGINE = { kind: 'system', id: 'reconcile' } as const
/** Commands of the engine itself rely on nothing but the stream. */
export const ENGINE_FACTS: EntitlementFacts = {
  actor: { directoryRoles: [], catalogRoles: [] },
  package: { exists: true, policies: [] },
  subject: { exists: true, enabled: true },
  approverBasis: null,
}
/** Somebody changing package and entitlement under us again and again is served by the job that their event caused. */
const MAX_ROUNDS = 5

/**
 * Level-triggered (design §3): desired roles are the package's roles now if the assignment is active, else none; compares with the holds in the grants' streams,
 * adds or releases, provisions what changed, and records what is news. Ends when neither the entitlement nor the package moved meanwhile.
 */
export const reconcileEntitlement = async (
  dependencies: ReconcileDependencies,
  entitlementId: string,
  signal: AbortSignal,
): Promise<ReconcileResult> => {
  const affected = new Set<string>()
  const lookAgain = new Map<string, string>()
  for (let round = 0; round < MAX_ROUNDS && !signal.aborted; round += 1) {
    const before = await loadSituation(dependencies, entitlementId)
    const open = before.entitlement.assignments.filter(needsWork)
    // What a new assignment confers is held before an old one lets go: access that stays isn't interrupted.
    for (const assignment of open.toSorted((a, b) => Number(isActive(b)) - Number(isActive(a)))) {
      const roles: ObservedRole[] = []
      for (const role of before.rolesEver) {
        const desired = isActive(assignment) && includes(before.roles, role)
        const id = grantId(role.resourceId, role.roleId, before.subjectId)
        const grant = await adjustHold(dependencies, id, assignment, role, before)
        if (grant === undefined) continue
        const { state, changed, lookAgainAt } = await provisionGrant(dependencies, id, signal)
        if (lookAgainAt !== null) lookAgain.set(id, lookAgainAt)
        // Only what is news is told on: two entitlements on one grant would tell each other for ever.
        for (const other of changed ? await entitlementsOn(dependencies, id) : [])
          if (other !== entitlementId) affected.add(other)
        roles.push({ ...role, desired, status: statusOf(state, assignment.assignmentId, desired) })
      }
      await record(dependencies, entitlementId, assignment.assignmentId, before.rolesVersion, roles)
    }
    if (!(await moved(dependencies, before, entitlementId))) break
  }
  return {
    alsoAffected: [...affected],
    lookAgain: [...lookAgain].map(([id, at]) => ({ grantId: id, at })),
  }
}

interface Situation {
  readonly entitlement: EntitlementState
  readonly subjectId: string
  /** The package's roles now. */
  readonly roles: readonly ResourceRoleRef[]
  /** Those and all that it once had: a role that went away may still be held. */
  readonly rolesEver: readonly ResourceRoleRef[]
  readonly rolesVersion: number
}

const loadSituation = async ({ store }: ReconcileDependencies, id: string): Promise<Situation> => {
  const [packageId = '', subjectId = ''] = id.split('.')
  const [entitlementEvents, packageEvents] = await Promise.all([
    store.readStream(entitlementStream(id)),
    store.readStream(accessPackageStream(packageId)),
  ])
  const history = packageEvents as readonly AccessPackageEvent[]
  const accessPackage = fold(accessPackageDecider, history)
  const ever = new Map(
    history.flatMap((event) =>
      event.type === 'ResourceRoleAdded.v1'
        ? [
            [
              `${event.data.resourceId}.${event.data.roleId}`,
              { resourceId: event.data.resourceId, roleId: event.data.roleId },
            ] as const,
          ]
        : [],
    ),
  )
  return {
    entitlement: fold(entitlementDecider, entitlementEvents as readonly EntitlementEvent[]),
    subjectId,
    roles: accessPackage.resourceRoles,
    rolesEver: [...ever.values()],
    rolesVersion: accessPackage.rolesVersion,
  }
}

const isActive = ({ status }: AssignmentState): boolean => status === 'active'

/** Active ones always; ended ones until everything that they conferred is gone. */
const needsWork = (assignment: AssignmentState): boolean =>
  isActive(assignment) || (assignment.status === 'ended' && !assignment.revoked)

const includes = (roles: readonly ResourceRoleRef[], role: ResourceRoleRef): boolean =>
  roles.some((other) => sameRole(other, role))

/**
 * Makes the hold what it should be, and answers the grant as it is then. The end of an assignment is noted where it holds nothing as well, so that a hold that a late job adds can't outlive it.
 * Undefined when the assignment has nothing to do with the grant.
 */
const adjustHold = async (
  { states, handle, newId }: ReconcileDependencies,
  id: string,
  assignment: AssignmentState,
  role: ResourceRoleRef,
  situation: Situation,
): Promise<GrantState | undefined> => {
  const { assignmentId } = assignment
  const state = await states.grant(id)
  const held = state.holders.includes(assignmentId)
  const recorded = assignment.roles.find((known) => sameRole(known, role))?.status.kind
  const active = isActive(assignment)
  const inPackage = includes(situation.roles, role)
  const desired = active && inPackage
  const concerned = held || inPackage || (recorded !== undefined && recorded !== 'revoked')
  if (!concerned) return undefined
  if (desired ? held : !held && (active || state.released.includes(assignmentId))) return state
  const ids = parseGrantId(id)
  if (ids === undefined) throw new Error(`${id} is not the id of a grant`)
  const outcome = await handle({
    stream: grantStream(id),
    decider: grantDecider,
    command: desired
      ? { type: 'AddHold', assignmentId }
      : { type: 'ReleaseHold', assignmentId, reason: active ? 'role-removed' : 'assignment-ended' },
    envelope: { commandId: newId(), actor: ENGINE },
    facts: () => ids,
  })
  return outcome.ok ? outcome.state : state
}

/** Entitlements that hold the grant or held it once: one whose package lost the role waits for its end as well. */
export const entitlementsOn = async (
  { store }: Pick<ReconcileDependencies, 'store'>,
  id: string,
): Promise<readonly string[]> => {
  const history = (await store.readStream(grantStream(id))) as readonly GrantEvent[]
  const entitlements = history.flatMap((event) =>
    event.type === 'HoldAdded.v1' || event.type === 'HoldReleased.v1'
      ? (parseAssignmentId(event.data.assignmentId)?.entitlementId ?? [])
      : [],
  )
  return [...new Set(entitlements)]
}

const statusOf = (
  state: GrantState,
  assignmentId: string,
  desired: boolean,
): ObservedRole['status'] => {
  if (desired && !state.holders.includes(assignmentId)) return { kind: 'pending' }
  if (desired && state.actual === 'present')
    return { kind: 'delivered', preexisting: state.preexisting }
  if (!desired && grantDesired(state) === 'present')
    return { kind: 'revoked', kept: 'other-assignment' }
  if (!desired && state.preexisting) return { kind: 'revoked', kept: 'preexisting' }
  if (!desired && grantSettled(state)) return { kind: 'revoked', kept: null }
  const { failure } = state
  return failure === null
    ? { kind: 'pending' }
    : {
        kind: 'failed',
        code: failure.code,
        message: failure.message,
        transient: failure.transient,
        attempts: state.lastTry?.attempt ?? 1,
      }
}

const record = async (
  { handle, newId }: ReconcileDependencies,
  id: string,
  assignmentId: string,
  rolesVersion: number,
  roles: readonly ObservedRole[],
): Promise<void> => {
  await handle({
    stream: entitlementStream(id),
    decider: entitlementDecider,
    command: { type: 'RecordFulfilment', assignmentId, rolesVersion, roles },
    envelope: { commandId: newId(), actor: ENGINE },
    facts: () => ENGINE_FACTS,
  })
}

/** Did the entitlement's assignments or the package's roles change since they were loaded? Our own records don't count. */
const moved = async (
  dependencies: ReconcileDependencies,
  before: Situation,
  id: string,
): Promise<boolean> => {
  const after = await loadSituation(dependencies, id)
  const standing = ({ entitlement }: Situation) =>
    JSON.stringify(entitlement.assignments.map((each) => [each.assignmentId, each.status]))
  return after.rolesVersion !== before.rolesVersion || standing(after) !== standing(before)
}
