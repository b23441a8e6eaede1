import { type EventStore, type Position, type RecordedEvent, START } from '@portcullis/core'
import type { PortcullisEvent, ResourceRoleRef } from '@portcullis/domain'
import type { Projections, Views } from '@portcullis/views'

/**
 * Which packages may confer a resource role: all that had it when this process first asked, and all that have got it
 * since. One that lost it stays in: those whom the change hasn't reached have it.
 */
export interface RolePackages {
  /**
   * By role, `<resourceId>.<roleId>`, for each role that was asked for. As of the end of the log, and not only of what
   * a view shows: a package that has just got the role is among them.
   * @throws what the store or the database throws
   */
  of(roles: readonly ResourceRoleRef[]): Promise<ReadonlyMap<string, readonly string[]>>
}

export interface RolePackagesDependencies {
  readonly store: Pick<EventStore, 'head' | 'readAll'>
  readonly views: Pick<Views, 'packageRoles'>
  readonly projections: Pick<Projections, 'waitForView'>
}

const PAGE = 1_000
/** A stuck view isn't waited for: then the log is read from its beginning, once. */
const VIEW_TIMEOUT_MILLIS = 3_000

export const roleKey = ({ resourceId, roleId }: ResourceRoleRef): string =>
  `${resourceId}.${roleId}`

/**
 * Begins with what the view of packages shows, and goes on with the log: each look reads only what has come since the
 * last one, and those who look at the same time read once.
 */
export const createRolePackages = ({
  store,
  views,
  projections,
}: RolePackagesDependencies): RolePackages => {
  const packages = new Map<string, Set<string>>()
  let position: Position | undefined
  /** A look that has begun may have missed what came since: who comes later shares the next one. */
  let looking: Promise<void> | undefined
  let next: Promise<void> | undefined

  const note = (packageId: string, role: ResourceRoleRef): void => {
    const key = roleKey(role)
    packages.set(key, (packages.get(key) ?? new Set()).add(packageId))
  }
  const begin = async (): Promise<Position> => {
    const head = await store.head()
    if (!(await projections.waitForView('packages', head, VIEW_TIMEOUT_MILLIS))) return START
    for (const { packageId, roles } of await views.packageRoles())
      for (const role of roles) note(packageId, role)
    return head
  }
  const look = async (): Promise<void> => {
    let after = position ?? (await begin())
    for (let caughtUp = false; !caughtUp; ) {
      const page = await store.readAll({ after, limit: PAGE, types: ['ResourceRoleAdded.v1'] })
      // The codec only lets in what the schemas name.
      for (const { type, data } of page.events as readonly RecordedEvent<PortcullisEvent>[])
        if (type === 'ResourceRoleAdded.v1') note(data.packageId, data)
      after = page.position
      caughtUp = page.caughtUp
    }
    position = after
  }
  const upToNow = (): Promise<void> => {
    if (looking === undefined) {
      looking = look()
        .catch((error: unknown) => {
          // Whatever was wrong, also with a log that was put back to where it had been: begin anew.
          position = undefined
          throw error
        })
        .finally(() => {
          looking = undefined
        })
      return looking
    }
    next ??= looking
      .catch(() => {})
      .then(() => {
        next = undefined
        return upToNow()
      })
    return next
  }
  return {
    of: async (roles) => {
      await upToNow()
      return new Map(roles.map(roleKey).map((key) => [key, [...(packages.get(key) ?? [])]]))
    },
  }
}
