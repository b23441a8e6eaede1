import type { Instant } from '@portcullis/core'
import type { LogEvent, Logged } from './logEvent.ts'

/**
 * Follows a log event by event: which assignments confer which resource roles at the place it has come to. What has
 * ended is forgotten, so that it stays as small as what is live.
 */
export interface Conferral {
  /** @param event the next of the whole log */
  see(event: LogEvent): void
  /**
   * Assignments of the subject that confer the role, whether they hold it or not: the active ones, and those whose
   * start has come by `at` and which the engine only hasn't told so yet; not one whose start is withheld from those who
   * have left.
   * A change of roles that is held back or paused may have reached an assignment or not: then only what it confers
   * either way counts.
   * @param role `<resourceId>.<roleId>`
   */
  on(role: string, subjectId: string, at: Instant): readonly string[]
}

interface PackageRoles {
  /** The roles at each version of them. */
  readonly versions: Map<number, ReadonlySet<string>>
  newest: number
  /** The version that has been rolled out to everybody, or is on its way. */
  out: number
  waits: boolean
  paused: boolean
  deleted: boolean
  /** Called off: a version, and the later one that confers the same. */
  readonly same: Map<number, number>
}

interface Live {
  readonly packageId: string
  /** When it is to start; undefined once it has. */
  readonly startAt: Instant | undefined
  readonly endAt: Instant | null
  /** Its start has come, and isn't told until the subject is back. */
  readonly withheld: boolean
  /** Of its package's roles, as last recorded of it; undefined before the first record. */
  readonly version: number | undefined
}

const NONE: ReadonlySet<string> = new Set()

export const createConferral = (): Conferral => {
  const packages = new Map<string, PackageRoles>()
  /** By subject, then by assignment. */
  const live = new Map<string, Map<string, Live>>()
  const packageOf = (packageId: string): PackageRoles => {
    const known = packages.get(packageId) ?? newPackage()
    packages.set(packageId, known)
    return known
  }
  const begin = ({ data }: Logged<'AssignmentScheduled.v1' | 'AssignmentStarted.v1'>): void => {
    const { assignmentId, packageId, subjectId, endAt } = data
    const startAt = 'startAt' in data ? data.startAt : undefined
    const all = live.get(subjectId) ?? new Map<string, Live>()
    const begun = { packageId, startAt, endAt, withheld: false, version: undefined }
    live.set(subjectId, all.set(assignmentId, begun))
  }
  const change = (assignmentId: string, to: (known: Live) => Partial<Live>): void => {
    const all = live.get(subjectOf(assignmentId))
    const known = all?.get(assignmentId)
    if (known !== undefined) all?.set(assignmentId, { ...known, ...to(known) })
  }
  const end = (assignmentId: string): void => {
    const subjectId = subjectOf(assignmentId)
    const all = live.get(subjectId)
    all?.delete(assignmentId)
    if (all?.size === 0) live.delete(subjectId)
  }
  return {
    see: (event) => {
      switch (event.type) {
        case 'AssignmentScheduled.v1':
        case 'AssignmentStarted.v1':
          return begin(event)
        case 'AssignmentEnded.v2':
          return end(event.data.assignmentId)
        case 'RequestCancelled.v1':
          return event.data.assignmentId === undefined ? undefined : end(event.data.assignmentId)
        case 'RolesDelivered.v1':
        case 'DeliveryFailed.v1':
        case 'RolesRevoked.v1':
          return change(event.data.assignmentId, ({ version = 0 }) => ({
            version: Math.max(version, event.data.rolesVersion),
          }))
        case 'StartWithheld.v1':
        case 'SubjectReturned.v1':
          return change(event.data.assignmentId, () => ({
            withheld: event.type === 'StartWithheld.v1',
          }))
        default:
          if ('packageId' in event.data) changePackage(packageOf(event.data.packageId), event)
      }
    },
    on: (role, subjectId, at) =>
      [...(live.get(subjectId) ?? [])].flatMap(([assignmentId, assignment]) =>
        confers(packageOf(assignment.packageId), assignment, role, at) ? [assignmentId] : [],
      ),
  }
}

/** `<packageId>.<subjectId>.a<n>` */
const subjectOf = (assignmentId: string): string => assignmentId.split('.')[1] ?? ''

const newPackage = (): PackageRoles => ({
  versions: new Map(),
  newest: 0,
  out: 0,
  waits: false,
  paused: false,
  deleted: false,
  same: new Map(),
})

const changePackage = (known: PackageRoles, event: LogEvent): void => {
  switch (event.type) {
    case 'ResourceRoleAdded.v1':
    case 'ResourceRoleRemoved.v1': {
      const { resourceId, roleId, rolesVersion } = event.data
      const roles = new Set(known.versions.get(known.newest))
      if (event.type === 'ResourceRoleAdded.v1') roles.add(`${resourceId}.${roleId}`)
      else roles.delete(`${resourceId}.${roleId}`)
      known.versions.set(rolesVersion, roles)
      known.newest = rolesVersion
      if (!known.waits) known.out = rolesVersion
      return
    }
    case 'RollOutQueued.v1':
    case 'RollOutHeld.v1':
      known.waits = true
      return
    case 'RollOutCancelled.v1':
      known.same.set(event.data.sameAs, event.data.rolesVersion)
      known.waits = false
      known.out = event.data.rolesVersion
      return
    case 'RollOutStarted.v1':
      known.waits = false
      known.out = event.data.rolesVersion
      return
    case 'RollOutPaused.v1':
      known.paused = true
      return
    case 'RollOutResumed.v1':
      known.paused = false
      return
    case 'AccessPackageDeleted.v1':
      known.deleted = true
      return
    default:
  }
}

const confers = (known: PackageRoles, assignment: Live, role: string, at: Instant): boolean => {
  const { startAt, endAt, withheld, version } = assignment
  // One that hasn't started ends with its package, or when its end comes before its start is told.
  const isOver = known.deleted || (endAt !== null && endAt <= at)
  if (startAt !== undefined && (startAt > at || isOver || withheld)) return false
  if (version === undefined) return known.versions.get(known.newest)?.has(role) === true
  let own = version
  for (let next = known.same.get(own); next !== undefined; next = known.same.get(own)) own = next
  const toCome = Math.max(own, known.out)
  const has = (number: number): boolean => (known.versions.get(number) ?? NONE).has(role)
  return has(toCome) && (!known.paused || has(own))
}
