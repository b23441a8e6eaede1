import { type GrantCommand, parseGrantId } from '@portcullis/domain'
import { type Connector, ConnectorError } from '@portcullis/provisioning'
import type { Drive } from './drive.ts'
import { type DriveDependencies, driveGrants, operationDue } from './driveGrants.ts'
import { forEachSideBySide } from './forEachSideBySide.ts'
import type { LoadedGrant } from './grants.ts'
import type { FindTargets } from './operationSteps.ts'
import { findTargets, type Target, type TargetDependencies } from './targets.ts'

export interface ProvisionDependencies extends DriveDependencies, TargetDependencies {}

/** A grant to drive to where it should be. */
export interface GrantTask {
  readonly grantId: string
  readonly grant: LoadedGrant
  /** Changes of its holds, to be appended with the start of the operation that they call for. */
  readonly holds: readonly GrantCommand[]
}

export type ProvisionResult = Pick<
  Drive,
  'grantId' | 'grant' | 'changed' | 'lookAgainAt' | 'withheld'
>

/** Operations that are under way at the same time on a connector that takes one access a call. */
const WIDTH = 8
/** Most that are started together: each must be called and read back within its lease. */
const MOST = 500

/**
 * Drives many grants, each connector separately, so that a slow one holds nobody else up: a few one after the other's
 * look, start, call and outcome, or all that fit into one call where the target takes many.
 * @param each given once
 * @param done told of grants as they come to an end, while others may still be under way
 */
export const provisionGrants = async (
  dependencies: ProvisionDependencies,
  tasks: readonly GrantTask[],
  done: (results: readonly ProvisionResult[]) => Promise<void>,
  signal: AbortSignal,
): Promise<void> => {
  // A queue isn't to be trusted: what names no grant has nothing to be done, and holds nobody up.
  const subjectOf = (id: string): string => parseGrantId(id)?.subjectId ?? ''
  const left = await dependencies.directory.leftAmong([
    ...new Set(tasks.map(({ grantId }) => subjectOf(grantId))),
  ])
  const drives = tasks.map(
    (task): Drive => ({
      ...task,
      withheld: left.has(subjectOf(task.grantId)),
      changed: false,
      lookAgainAt: null,
    }),
  )
  const now = dependencies.now()
  const targets = createTargets(dependencies)
  const due = drives.filter((drive) => operationDue(drive, now))
  const found = await targets(due)
  const connectors = new Map(
    due.map((drive, index): [Drive, Connector | null] => {
      const target = found[index]
      const none = target === undefined || target instanceof ConnectorError
      return [drive, none ? null : target.connector]
    }),
  )
  const lanes = [...Map.groupBy(drives, (drive) => connectors.get(drive) ?? null)]
  await forEachSideBySide(lanes, lanes.length, ([connector, lane]) => {
    const size = connector === null ? MOST : Math.min(connector.many?.most ?? 1, MOST)
    const chunks = Array.from({ length: Math.ceil(lane.length / size) }, (_, index) =>
      lane.slice(index * size, (index + 1) * size),
    )
    return forEachSideBySide(chunks, WIDTH, async (chunk) => {
      await driveGrants(dependencies, chunk, targets, signal)
      await done(chunk)
    })
  })
}

/** Looks up each grant's target once. */
const createTargets = (dependencies: TargetDependencies): FindTargets => {
  const known = new Map<string, Target | ConnectorError>()
  return async (drives) => {
    const unknown = drives.flatMap(({ grantId }) => (known.has(grantId) ? [] : [grantId]))
    if (unknown.length > 0)
      for (const [id, target] of await findTargets(dependencies, unknown)) known.set(id, target)
    return drives.map(({ grantId }) => {
      const target = known.get(grantId)
      if (target === undefined) throw new Error(`no target was looked up for ${grantId}`)
      return target
    })
  }
}
