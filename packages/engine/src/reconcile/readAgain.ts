import { addMillis, type Instant, toMillis } from '@portcullis/core'
import { type GrantCommand, grantDesired } from '@portcullis/domain'
import { ENGINE } from '../facts/engineFacts.ts'
import {
  latestOf,
  overOf,
  type Standing,
  type StandingsDependencies,
  standingsOf,
} from './conferring.ts'
import type { Drive } from './drive.ts'
import {
  commandsFor,
  envelopeOf,
  type Look,
  type Operation,
  type StepDependencies,
} from './operationSteps.ts'
import { withHolds } from './withHolds.ts'

// What holds and operations rely on is read again right before they are appended, and once more before the target is
// called (promises 2 and 4, ADR 0067).

type Dependencies = StepDependencies & StandingsDependencies

/**
 * How soon to look whether an assignment has started, and how long at most until the next look: as long as it has been
 * due.
 */
const SOON_MILLIS = 1_000
const LATEST_MILLIS = 60_000

/**
 * A4: right before the append: no hold is added for an assignment that has ended meanwhile; what another assignment of
 * the subject confers gets its hold before the last one lets go; and while one is just starting, nothing is taken away:
 * its start has been decided long ago, and only has to be told.
 */
export const readAgain = async (
  dependencies: Dependencies,
  quiet: readonly Drive[],
  looks: readonly Look[],
): Promise<{ readonly quiet: readonly Drive[]; readonly looks: readonly Look[] }> => {
  const now = dependencies.now()
  await dropEnded(dependencies, [...quiet, ...looks.map(({ drive }) => drive)])
  const revokes = looks.filter(({ drive }) => grantDesired(withHolds(drive, now)) === 'absent')
  const standings = await standingsOf(
    dependencies,
    revokes.map(({ drive }) => drive),
    'shared',
    now,
  )
  const waiting = new Set<Drive>()
  for (const { drive } of revokes) {
    const standing = standings.get(drive.grantId)
    if (standing === undefined) continue
    drive.holds = [...standing.conferring.map(addHold), ...drive.holds]
    if (standing.conferring.length > 0 || standing.startingSince === null) continue
    drive.lookAgainAt = lookAgainAt(standing.startingSince, now)
    waiting.add(drive)
  }
  return {
    quiet: [...quiet, ...waiting],
    looks: looks.filter(({ drive }) => !waiting.has(drive)),
  }
}

/**
 * Right before the call: the one who starts or ends before an operation has begun is in the log by then, and is seen
 * here. What isn't wanted any more is called off, and nothing was asked of the target.
 * Who starts later than that couldn't be known of; their own hold brings the access back.
 * @returns the operations to carry out, and grants to look at again
 */
export const callOff = async (
  dependencies: Dependencies,
  operations: readonly Operation[],
): Promise<{ readonly due: readonly Operation[]; readonly calledOff: readonly Drive[] }> => {
  if (operations.length === 0) return { due: operations, calledOff: [] }
  const now = dependencies.now()
  const kinds = Map.groupBy(operations, ({ kind }) => kind)
  const grants = (kinds.get('grant') ?? []).map(({ drive }) => drive)
  const revokes = (kinds.get('revoke') ?? []).map(({ drive }) => drive)
  const over = await overOf(
    dependencies.store,
    grants.flatMap(({ grant }) => grant.state.holders),
  )
  const standings = await standingsOf(dependencies, revokes, 'all', beginOf(revokes, now))
  const unwanted = operations.flatMap((operation) => {
    const holds = changesFor(operation, over, standings.get(operation.drive.grantId))
    return holds === null ? [] : [{ operation, holds }]
  })
  if (unwanted.length === 0) return { due: operations, calledOff: [] }
  await append(dependencies, unwanted)
  const off = new Set(unwanted.map(({ operation }) => operation))
  for (const { drive } of off) {
    const since = standings.get(drive.grantId)?.startingSince ?? null
    if (since !== null) drive.lookAgainAt = lookAgainAt(since, now)
  }
  return {
    due: operations.filter((operation) => !off.has(operation)),
    calledOff: [...off].map(({ drive }) => drive),
  }
}

interface Unwanted {
  readonly operation: Operation
  /** What is to be appended of its holds. */
  readonly holds: readonly GrantCommand[]
}

const append = async (dependencies: Dependencies, unwanted: readonly Unwanted[]): Promise<void> => {
  const { handleMany, newId, log } = dependencies
  const outcomes = await handleMany(
    unwanted.map(({ operation: { drive, order, kind }, holds }) => {
      const { operationId } = order
      log.info({ operationId, operation: kind }, 'called off before the target was called')
      return commandsFor(drive, [
        ...holds.map((command) => ({ command, envelope: { commandId: newId(), actor: ENGINE } })),
        { command: calledOff(kind, operationId), envelope: envelopeOf(dependencies, operationId) },
      ])
    }),
  )
  for (const [index, { operation }] of unwanted.entries()) {
    const outcome = outcomes[index]
    if (outcome === undefined) continue
    operation.drive.grant = outcome.after
    operation.drive.changed = true
  }
}

const calledOff = (kind: Operation['kind'], operationId: string): GrantCommand => ({
  type: 'FailOperation',
  operationId,
  code: 'provisioning.called-off',
  message:
    kind === 'revoke'
      ? 'The target was not called: another assignment of the subject confers the access.'
      : 'The target was not called: no assignment of the subject confers the access any more.',
  transient: true,
  retryAfterMillis: null,
})

/** What changes of an operation's holds when it isn't wanted any more; null: it is. */
const changesFor = (
  { kind, drive }: Operation,
  over: ReadonlySet<string>,
  standing: Standing | undefined,
): readonly GrantCommand[] | null => {
  if (kind === 'revoke') {
    const { conferring = [], startingSince = null } = standing ?? {}
    return conferring.length > 0 || startingSince !== null ? conferring.map(addHold) : null
  }
  const { holders } = drive.grant.state
  return holders.every((holder) => over.has(holder)) ? holders.map(release) : null
}

const addHold = (assignmentId: string): GrantCommand => ({ type: 'AddHold', assignmentId })
const release = (assignmentId: string): GrantCommand => ({
  type: 'ReleaseHold',
  assignmentId,
  reason: 'assignment-ended',
})

const dropEnded = async (
  { store }: Pick<Dependencies, 'store'>,
  drives: readonly Drive[],
): Promise<void> => {
  const adding = drives.filter(({ holds }) => holds.some(({ type }) => type === 'AddHold'))
  if (adding.length === 0) return
  const over = await overOf(
    store,
    adding.flatMap(({ holds }) => holds.flatMap(holderIn)),
  )
  if (over.size === 0) return
  for (const drive of adding)
    drive.holds = drive.holds.filter((command) => holderIn(command).every((id) => !over.has(id)))
}

const holderIn = (command: GrantCommand): readonly string[] =>
  command.type === 'AddHold' ? [command.assignmentId] : []

const lookAgainAt = (since: Instant, now: Instant): Instant => {
  const age = toMillis(now) - toMillis(since)
  return addMillis(now, Math.min(LATEST_MILLIS, Math.max(SOON_MILLIS, age)))
}

/** Their own beginning is the last thing that is known of them; a clock that was set back since doesn't count. */
const beginOf = (drives: readonly Drive[], now: Instant): Instant =>
  latestOf([now, ...drives.map(({ grant }) => grant.events.at(-1)?.metadata.at ?? now)])
