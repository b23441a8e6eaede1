import { fromMillis, type Instant, toMillis } from '@portcullis/core'
import { grantDesired, grantSettled, leaseBinds, retryBinds } from '@portcullis/domain'
import { ConnectorError } from '@portcullis/provisioning'
import type { StandingsDependencies } from './conferring.ts'
import type { Drive } from './drive.ts'
import {
  complete,
  type FindTargets,
  type Look,
  look,
  type StepDependencies,
  start,
} from './operationSteps.ts'
import { callOff, readAgain } from './readAgain.ts'
import { withHolds } from './withHolds.ts'

export interface DriveDependencies extends StepDependencies, StandingsDependencies {
  /** After how long a connector's call is given up. */
  readonly operationMillis: number
}

/**
 * Each round is one operation; more than a handful means that holds keep changing under us, and the next job goes on.
 */
const MAX_ROUNDS = 8

/**
 * Drives grants until desired and actual agree, an error says to wait, or somebody else is at it (promises 2 and 4).
 * What came of each is in its drive.
 * Safe to run any number of times, side by side: the lease in each stream lets one operation through at a time.
 */
export const driveGrants = async (
  dependencies: DriveDependencies,
  drives: readonly Drive[],
  findTargets: FindTargets,
  signal: AbortSignal,
): Promise<void> => {
  let open = drives
  for (let round = 0; round < MAX_ROUNDS && open.length > 0 && !signal.aborted; round += 1) {
    const attempt = AbortSignal.any([signal, AbortSignal.timeout(dependencies.operationMillis)])
    const due: Drive[] = []
    const quiet: Drive[] = []
    const now = dependencies.now()
    for (const drive of open) (operationDue(drive, now) ? due : quiet).push(drive)
    const looks = await look(due, findTargets, attempt)
    // Closing: what the targets said meanwhile means nothing.
    if (signal.aborted) return
    const looked: Look[] = []
    for (const each of looks) {
      const wait = deferredTo(each, now)
      if (wait === null) looked.push(each)
      else {
        each.drive.lookAgainAt = wait
        quiet.push(each.drive)
      }
    }
    const ready = await readAgain(dependencies, quiet, looked)
    const { operations, again } = await start(dependencies, ready.quiet, ready.looks)
    const { due: wanted, calledOff } = await callOff(dependencies, operations)
    const done = await complete(dependencies, wanted, attempt, signal)
    open = [...again, ...calledOff, ...done]
  }
}

/** To whole seconds: many grants that wait for one target share the jobs that wake them. */
const WAKE_EVERY = 5_000

/**
 * When to look again at a target that can't be called now: nothing was tried, and nothing is recorded. Null where it
 * was looked at.
 */
const deferredTo = ({ answer }: Look, now: Instant): Instant | null => {
  if (answer.ok || !(answer.error instanceof ConnectorError && answer.error.deferred)) return null
  const after = answer.error.retryAfterMillis ?? WAKE_EVERY
  return fromMillis(Math.ceil((toMillis(now) + after) / WAKE_EVERY) * WAKE_EVERY)
}

/**
 * Whether an operation may start once the holds are as they shall be: spares the target a look, and notes when somebody
 * else's lease ends.
 * The decider has the last word.
 */
export const operationDue = (drive: Drive, now: Instant): boolean => {
  const state = withHolds(drive, now)
  const { inFlight, failure } = state
  drive.lookAgainAt = null
  if (grantSettled(state)) return false
  if (inFlight !== null && leaseBinds(inFlight, now)) {
    // What is done by hand has a deadline of its own, which may be weeks away.
    if (!inFlight.awaited) drive.lookAgainAt = inFlight.leaseUntil
    return false
  }
  const operation = grantDesired(state) === 'present' ? 'grant' : 'revoke'
  if (operation === 'grant' && drive.withheld) return false
  if (failure === null || failure.wait === null || failure.operation !== operation) return true
  // A retry has a deadline of its own; an operator's asking is an event of its own.
  return failure.wait !== 'operator' && !retryBinds(operation, failure.wait, now)
}
