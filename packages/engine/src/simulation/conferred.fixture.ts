import type { RecordedEvent } from '@portcullis/core'
import type { PortcullisEvent } from '@portcullis/domain'

// What active assignments confer by the log, told a third time (ADR 0042).

export type LogEvent = RecordedEvent<PortcullisEvent>

interface Package {
  /** Roles by version. */
  readonly versions: ReadonlySet<string>[]
  /** The version that has been rolled out to everybody, or is about to. */
  out: number
  waits: boolean
  paused: boolean
  /** Called off: a version, and the one that is the same. */
  readonly same: Map<number, number>
}

interface Assignment {
  readonly packageId: string
  readonly subjectId: string
  /** The version that it was last seen at. */
  version: number | undefined
}

/**
 * Grant ids: what must be in place when all has come to rest, and what may be. They differ where a roll-out was paused
 * in the middle.
 * @param startedBy an instant: what is to have started by then counts as started, though no timer has said so
 */
export const conferred = (
  events: readonly LogEvent[],
  startedBy = '',
): { readonly must: ReadonlySet<string>; readonly may: ReadonlySet<string> } => {
  const packages = new Map<string, Package>()
  const active = new Map<string, Assignment>()
  const scheduled = new Map<string, Assignment>()
  const packageOf = (id: string): Package => {
    const known = packages.get(id) ?? {
      versions: [new Set<string>()],
      out: 0,
      waits: false,
      paused: false,
      same: new Map(),
    }
    packages.set(id, known)
    return known
  }
  for (const { type, data } of events) {
    switch (type) {
      case 'AssignmentStarted.v1': {
        const { packageId, subjectId } = data
        active.set(data.assignmentId, { packageId, subjectId, version: undefined })
        scheduled.delete(data.assignmentId)
        break
      }
      case 'AssignmentScheduled.v1': {
        const { assignmentId, packageId, subjectId, startAt, endAt } = data
        const isDue = startAt <= startedBy && (endAt === null || endAt > startedBy)
        if (isDue) scheduled.set(assignmentId, { packageId, subjectId, version: undefined })
        break
      }
      case 'RequestCancelled.v1':
        if (data.assignmentId !== undefined) scheduled.delete(data.assignmentId)
        break
      case 'AssignmentEnded.v2':
        active.delete(data.assignmentId)
        scheduled.delete(data.assignmentId)
        break
      case 'RolesDelivered.v1':
      case 'DeliveryFailed.v1':
      case 'RolesRevoked.v1': {
        const assignment = active.get(data.assignmentId)
        if (assignment) assignment.version = Math.max(assignment.version ?? 0, data.rolesVersion)
        break
      }
      case 'ResourceRoleAdded.v1':
      case 'ResourceRoleRemoved.v1': {
        const { versions, waits } = packageOf(data.packageId)
        const roles = new Set(versions.at(-1))
        const role = `${data.resourceId}.${data.roleId}`
        if (type === 'ResourceRoleAdded.v1') roles.add(role)
        else roles.delete(role)
        versions[data.rolesVersion] = roles
        if (!waits) packageOf(data.packageId).out = data.rolesVersion
        break
      }
      case 'RollOutQueued.v1':
      case 'RollOutHeld.v1':
        packageOf(data.packageId).waits = true
        break
      case 'RollOutStarted.v1':
        Object.assign(packageOf(data.packageId), { waits: false, out: data.rolesVersion })
        break
      case 'RollOutCancelled.v1': {
        const { same } = packageOf(data.packageId)
        same.set(data.sameAs, data.rolesVersion)
        Object.assign(packageOf(data.packageId), { waits: false, out: data.rolesVersion })
        break
      }
      case 'RollOutPaused.v1':
      case 'RollOutResumed.v1':
        packageOf(data.packageId).paused = type === 'RollOutPaused.v1'
        break
      default:
    }
  }
  const must = new Set<string>()
  const may = new Set<string>()
  for (const { packageId, subjectId, version } of [...active.values(), ...scheduled.values()]) {
    const { versions, out, paused, same } = packageOf(packageId)
    let own = version ?? versions.length - 1
    for (let next = same.get(own); next !== undefined; next = same.get(own)) own = next
    const toCome = version === undefined ? own : Math.max(own, out)
    const before = versions[paused ? own : toCome] ?? new Set()
    const after = versions[toCome] ?? new Set()
    for (const role of new Set([...before, ...after])) {
      may.add(`${role}.${subjectId}`)
      if (before.has(role) && after.has(role)) must.add(`${role}.${subjectId}`)
    }
  }
  return { must, may }
}
