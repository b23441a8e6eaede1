import {
  type createCommandHandler,
  deriveId,
  formatPosition,
  type Jobs,
  type Position,
  parsePosition,
  START,
} from '@portcullis/core'
import {
  type AccessPackageFacts,
  accessPackageDecider,
  accessPackageStream,
  versionsAlike,
} from '@portcullis/domain'
import type { Projections, Views } from '@portcullis/views'
import type { SecondLooked } from '../deadlines/deadlineDependencies.ts'
import type { States } from '../facts/states.ts'
import type { Log } from '../log.ts'
import { ROLL_OUT, reconcileJobs } from '../queues.ts'
import { ViewsLagging } from '../viewsLagging.ts'

const ENGINE = { kind: 'system', id: 'fan-out' } as const
/** Starting relies on nothing but the stream. */
const NO_FACTS: AccessPackageFacts = {
  actor: { directoryRoles: [], catalogRoles: [] },
  catalog: { exists: true, displayName: '', resourceIds: [] },
  resources: [],
  unknownPrincipals: [],
  refusedDirectories: [],
  use: null,
  rollingOut: null,
}
const PAGE = 1000
const VIEW_TIMEOUT_MILLIS = 60_000

interface FanOutDependencies {
  readonly projections: Pick<Projections, 'waitForView'>
  readonly jobs: Pick<Jobs, 'enqueue'>
}

interface RollOutDependencies extends FanOutDependencies {
  readonly views: Pick<Views, 'assignmentsBehind'>
  readonly states: Pick<States, 'package'>
}

interface StartDependencies {
  readonly handle: ReturnType<typeof createCommandHandler>
  readonly newId: () => string
  readonly log: Pick<Log, 'error'>
  readonly onWithoutEffect?: ((command: SecondLooked) => void) | undefined
}

/**
 * Queues a reconcile of everybody with an assignment to the package whom the roles that have started to roll out
 * haven't reached (S5, S6), once the view is at or past the package's event: who is assigned later reads the new roles
 * anyway, so nobody falls between. Ends early when the roll-out is paused meanwhile: resuming it queues the rest.
 * @returns how many entitlements
 * @throws ViewsLagging when the view doesn't get there in time: the job is tried again, nobody is left out
 */
export const fanOut = (
  dependencies: RollOutDependencies,
  packageId: string,
  position: string,
  signal: AbortSignal,
): Promise<number> =>
  reconcileAll(dependencies, position, signal, async (after) => {
    const { rollOut } = await dependencies.states.package(packageId)
    if (rollOut.paused) return { ids: [], next: null }
    const { items, next } = await dependencies.views.assignmentsBehind(
      { packageId, version: rollOut.startedVersion, alike: versionsAlike(rollOut) },
      after,
      PAGE,
    )
    return { ids: items, next }
  })

/**
 * Says that the changes which wait begin to roll out (ADR 0042), and takes them to everybody: sent again under the same
 * position it goes on with what it began.
 * @returns how many entitlements; undefined when nothing starts: somebody keeps the changes back, or a later job has
 *   taken them along
 * @throws ViewsLagging as {@link fanOut}
 */
export const rollOut = async (
  dependencies: RollOutDependencies & StartDependencies,
  packageId: string,
  position: string,
  signal: AbortSignal,
): Promise<number | undefined> => {
  const started = await startRollOut(dependencies, packageId, position)
  return started === undefined
    ? undefined
    : fanOut(dependencies, packageId, formatPosition(started), signal)
}

/** @returns where the log has the start; undefined when nothing starts */
const startRollOut = async (
  { handle, newId, log, onWithoutEffect }: StartDependencies,
  packageId: string,
  position: string,
): Promise<Position | undefined> => {
  const start = (commandId: string) =>
    handle({
      stream: accessPackageStream(packageId),
      decider: accessPackageDecider,
      command: { type: 'StartRollOut', packageId },
      envelope: { commandId, actor: ENGINE },
      facts: () => NO_FACTS,
    })
  const outcome = await start(deriveId('roll-out', packageId, position))
  if (outcome.ok && outcome.events.some(({ type }) => type === STARTED)) return outcome.position
  if (outcome.ok && !outcome.repeated) return undefined
  // Told to be done before, and it isn't in the log: under an id that nobody can have used it is decided anew.
  const again = await start(newId())
  if (!again.ok || again.events.length === 0) return undefined
  log.error(
    { packageId, command: 'StartRollOut' },
    'a roll-out was told to have started already, and the log did not show it: it was started again under a new id',
  )
  onWithoutEffect?.('StartRollOut')
  return again.position
}

const STARTED = 'RollOutStarted.v1'

/**
 * Queues a reconcile of everybody with something open on a package that has been deleted (S24): it ends there, as it
 * does for those who come in later still, whom a sweep finds.
 * @returns how many entitlements
 * @throws ViewsLagging as {@link fanOut}
 */
export const endWithPackage = (
  dependencies: FanOutDependencies & { readonly views: Pick<Views, 'openEntitlementsOfPackage'> },
  packageId: string,
  position: string,
  signal: AbortSignal,
): Promise<number> =>
  reconcileAll(dependencies, position, signal, async (after) => {
    const ids = await dependencies.views.openEntitlementsOfPackage(packageId, after, PAGE)
    return { ids, next: ids.length === PAGE ? (ids.at(-1) ?? null) : null }
  })

const reconcileAll = async (
  { projections, jobs }: FanOutDependencies,
  position: string,
  signal: AbortSignal,
  read: (
    after: string | null,
  ) => Promise<{ readonly ids: readonly string[]; readonly next: string | null }>,
): Promise<number> => {
  const needed = parsePosition(position) ?? START
  if (!(await projections.waitForView('entitlements', needed, VIEW_TIMEOUT_MILLIS)))
    throw new ViewsLagging(needed)
  let queued = 0
  let after: string | null = null
  do {
    const page = await read(after)
    await jobs.enqueue(reconcileJobs(page.ids, ROLL_OUT))
    queued += page.ids.length
    after = page.next
  } while (after !== null && !signal.aborted)
  return queued
}
