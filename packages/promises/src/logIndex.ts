import type { Position, RecordedEvent } from '@portcullis/core'
import { type EntitlementEvent, eventSchemasByStream, type GrantEvent } from '@portcullis/domain'
import { type GrantTrace, type Hold, traceGrant } from './grantTrace.ts'
import type { LogEvent, Logged } from './logEvent.ts'

// The log folded once into tables. On purpose not by the domain's own folds: a mistake in those must not hide itself.

export interface RequestFacts {
  readonly submitted: Logged<'RequestSubmitted.v1'>
  readonly autoApproved: Logged<'RequestAutoApproved.v1'> | undefined
  readonly granted: readonly Logged<'ApprovalGranted.v1'>[]
  /** After it nothing may follow from the request. */
  readonly closed:
    | Logged<'ApprovalDenied.v1' | 'ApprovalTimedOut.v1' | 'RequestCancelled.v1'>
    | undefined
}

export interface AssignmentFacts {
  readonly assignmentId: string
  readonly scheduled: Logged<'AssignmentScheduled.v1'> | undefined
  /** The first start; that there is no second is promise 5's. */
  readonly started: Logged<'AssignmentStarted.v1'> | undefined
  readonly extended: readonly Logged<'AssignmentExtended.v1'>[]
  /** The first end. */
  readonly ended: Logged<'AssignmentEnded.v2'> | undefined
  /** The newest version of its package's roles that has been recorded of it; undefined before the first. */
  readonly rolesVersion: number | undefined
}

export interface RoleFacts {
  readonly resourceId: string
  readonly roleId: string
  readonly firstAdded: Position
  readonly firstRemoved: Position | undefined
}

export interface PackageFacts {
  /** By {@link policyKey}. */
  readonly policies: ReadonlyMap<string, Logged<'PolicyAdded.v1' | 'PolicyChanged.v1'>>
  /** By {@link roleKey}. */
  readonly roles: ReadonlyMap<string, RoleFacts>
  /** The roles at each version of them, as role keys: in the order of the versions. */
  readonly versions: ReadonlyMap<number, ReadonlySet<string>>
  /** Are all changes of the roles to have reached everybody? Not what is held back, or paused (ADR 0042). */
  readonly allOut: boolean
}

export interface LogIndex {
  readonly streams: ReadonlyMap<string, readonly LogEvent[]>
  readonly entitlements: ReadonlyMap<string, readonly RecordedEvent<EntitlementEvent>[]>
  readonly requests: ReadonlyMap<string, RequestFacts>
  readonly assignments: ReadonlyMap<string, AssignmentFacts>
  readonly packages: ReadonlyMap<string, PackageFacts>
  /** By grant id. */
  readonly grants: ReadonlyMap<string, GrantTrace>
  /** By assignment id. */
  readonly holds: ReadonlyMap<string, readonly Hold[]>
}

export const policyKey = (policyId: string, policyVersion: number): string =>
  `${policyId}@${policyVersion}`
export const roleKey = (role: { readonly resourceId: string; readonly roleId: string }): string =>
  `${role.resourceId}.${role.roleId}`

const isEntitlementEvent = (event: LogEvent): event is RecordedEvent<EntitlementEvent> =>
  Object.hasOwn(eventSchemasByStream.entitlement, event.type)
const isGrantEvent = (event: LogEvent): event is RecordedEvent<GrantEvent> =>
  Object.hasOwn(eventSchemasByStream.grant, event.type)

type Mutable<Facts> = { -readonly [Key in keyof Facts]: Facts[Key] }

const groupBy = <Item>(
  items: Iterable<Item>,
  keyOf: (item: Item) => string,
): ReadonlyMap<string, readonly Item[]> => {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const key = keyOf(item)
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [item])
    else group.push(item)
  }
  return groups
}

const streamOf = ({ stream }: LogEvent): string => stream

/** @param events the whole log, in order */
export const indexLog = (events: readonly LogEvent[]): LogIndex => {
  const grants = new Map(
    [...groupBy(events.filter(isGrantEvent), streamOf).values()].map((history) => {
      const trace = traceGrant(history)
      return [trace.grantId, trace] as const
    }),
  )
  const entitlementEvents = events.filter(isEntitlementEvent)
  return {
    streams: groupBy(events, streamOf),
    entitlements: groupBy(entitlementEvents, streamOf),
    requests: requestsOf(entitlementEvents),
    assignments: assignmentsOf(entitlementEvents),
    packages: packagesOf(events),
    grants,
    holds: groupBy(
      [...grants.values()].flatMap((grant) => grant.holds),
      (hold) => hold.assignmentId,
    ),
  }
}

const requestsOf = (
  events: readonly RecordedEvent<EntitlementEvent>[],
): ReadonlyMap<string, RequestFacts> => {
  const requests = new Map<string, Mutable<RequestFacts>>()
  for (const event of events) {
    switch (event.type) {
      case 'RequestSubmitted.v1':
        requests.set(event.data.requestId, {
          submitted: event,
          autoApproved: undefined,
          granted: [],
          closed: undefined,
        })
        break
      case 'RequestAutoApproved.v1': {
        const request = requests.get(event.data.requestId)
        if (request) request.autoApproved ??= event
        break
      }
      case 'ApprovalGranted.v1': {
        const request = requests.get(event.data.requestId)
        if (request) request.granted = [...request.granted, event]
        break
      }
      case 'ApprovalDenied.v1':
      case 'ApprovalTimedOut.v1':
      case 'RequestCancelled.v1': {
        const request = requests.get(event.data.requestId)
        if (request) request.closed ??= event
        break
      }
      default:
    }
  }
  return requests
}

const assignmentsOf = (
  events: readonly RecordedEvent<EntitlementEvent>[],
): ReadonlyMap<string, AssignmentFacts> => {
  const assignments = new Map<string, Mutable<AssignmentFacts>>()
  const factsOf = (assignmentId: string): Mutable<AssignmentFacts> => {
    const none = { scheduled: undefined, started: undefined, extended: [], ended: undefined }
    const facts = assignments.get(assignmentId) ?? {
      assignmentId,
      rolesVersion: undefined,
      ...none,
    }
    assignments.set(assignmentId, facts)
    return facts
  }
  for (const event of events) {
    switch (event.type) {
      case 'AssignmentScheduled.v1':
        factsOf(event.data.assignmentId).scheduled ??= event
        break
      case 'AssignmentStarted.v1':
        factsOf(event.data.assignmentId).started ??= event
        break
      case 'AssignmentExtended.v1': {
        const facts = factsOf(event.data.assignmentId)
        facts.extended = [...facts.extended, event]
        break
      }
      case 'AssignmentEnded.v2':
        factsOf(event.data.assignmentId).ended ??= event
        break
      case 'RolesDelivered.v1':
      case 'DeliveryFailed.v1':
      case 'RolesRevoked.v1': {
        const facts = factsOf(event.data.assignmentId)
        facts.rolesVersion = Math.max(facts.rolesVersion ?? 0, event.data.rolesVersion)
        break
      }
      default:
    }
  }
  return assignments
}

const packagesOf = (events: readonly LogEvent[]): ReadonlyMap<string, PackageFacts> => {
  const packages = new Map<
    string,
    {
      readonly policies: Map<string, Logged<'PolicyAdded.v1' | 'PolicyChanged.v1'>>
      readonly roles: Map<string, RoleFacts>
      readonly versions: Map<number, ReadonlySet<string>>
      held: boolean
      paused: boolean
      readonly allOut: boolean
    }
  >()
  const factsOf = (packageId: string) => {
    const facts = packages.get(packageId) ?? {
      policies: new Map(),
      roles: new Map(),
      versions: new Map(),
      held: false,
      paused: false,
      get allOut(): boolean {
        return !this.held && !this.paused
      },
    }
    packages.set(packageId, facts)
    return facts
  }
  for (const event of events) {
    switch (event.type) {
      case 'PolicyAdded.v1':
      case 'PolicyChanged.v1': {
        const { packageId, policyId, policyVersion } = event.data
        factsOf(packageId).policies.set(policyKey(policyId, policyVersion), event)
        break
      }
      case 'ResourceRoleAdded.v1':
      case 'ResourceRoleRemoved.v1': {
        const { packageId, resourceId, roleId, rolesVersion } = event.data
        const { roles, versions } = factsOf(packageId)
        const key = roleKey(event.data)
        const isAdded = event.type === 'ResourceRoleAdded.v1'
        const known = roles.get(key)
        roles.set(key, {
          resourceId,
          roleId,
          firstAdded: known?.firstAdded ?? event.position,
          firstRemoved: known?.firstRemoved ?? (isAdded ? undefined : event.position),
        })
        const before = [...versions.values()].at(-1) ?? []
        const others = [...before].filter((other) => other !== key)
        versions.set(rolesVersion, new Set(isAdded ? [...others, key] : others))
        break
      }
      case 'RollOutQueued.v1':
      case 'RollOutStarted.v1':
      case 'RollOutCancelled.v1':
        factsOf(event.data.packageId).held = false
        break
      case 'RollOutHeld.v1':
        factsOf(event.data.packageId).held = true
        break
      case 'RollOutPaused.v1':
        factsOf(event.data.packageId).paused = true
        break
      case 'RollOutResumed.v1':
        factsOf(event.data.packageId).paused = false
        break
      default:
    }
  }
  return packages
}

const NO_ROLES: ReadonlySet<string> = new Set()

/**
 * The roles that an active assignment must hold, and those that it may, as role keys. A change that is held back or
 * paused may have reached it or not: then every version from its own on counts.
 */
export const rolesFor = (
  { versions, allOut }: PackageFacts,
  { rolesVersion }: AssignmentFacts,
): { readonly must: ReadonlySet<string>; readonly may: ReadonlySet<string> } => {
  const newest = [...versions.values()].at(-1) ?? NO_ROLES
  if (allOut || rolesVersion === undefined) return { must: newest, may: newest }
  const since = [...versions].filter(([version]) => version >= rolesVersion)
  const sets = since.map(([, roles]) => roles)
  if (!versions.has(rolesVersion)) sets.unshift(NO_ROLES)
  const may = new Set(sets.flatMap((roles) => [...roles]))
  return { may, must: new Set([...may].filter((role) => sets.every((roles) => roles.has(role)))) }
}
