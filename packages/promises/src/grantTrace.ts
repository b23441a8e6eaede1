import type { RecordedEvent } from '@portcullis/core'
import { type GrantEvent, grantId } from '@portcullis/domain'
import type { Logged } from './logEvent.ts'

export interface Hold {
  readonly grantId: string
  readonly assignmentId: string
  readonly added: Logged<'HoldAdded.v1'>
  /** Undefined while it holds. */
  readonly released: Logged<'HoldReleased.v1'> | undefined
  /** The end of the assignment had been noted on this grant before: it mustn't hold again. */
  readonly afterItsEnd: boolean
}

/** An operation on the target: from its start, or its outcome alone where the log has no start of it. */
export interface TracedOperation {
  readonly operation: 'grant' | 'revoke'
  readonly started: Logged<'ProvisioningStarted.v2'> | undefined
  /** Assignments that held the grant right before it began. */
  readonly holders: readonly string[]
  /** Was it recorded as pre-existing right before? */
  readonly preexisting: boolean
  /** Had we begun to grant it before, since it was last known to be absent? */
  readonly ours: boolean
  /** Had the target been seen without it at some time before, or right at the start? */
  readonly seenAbsent: boolean
  /** Had a scan found it there, with nobody holding it, and was it to be taken away? */
  readonly unexpected: boolean
  /** The try before it, where that failed and nobody has asked to try again since. */
  readonly waitingFor: Logged<'ProvisioningFailed.v1'> | undefined
  readonly outcome: Logged<'AccessProvisioned.v2' | 'AccessRevoked.v3'> | undefined
}

export interface GrantTrace {
  readonly grantId: string
  readonly resourceId: string
  readonly roleId: string
  readonly subjectId: string
  readonly holds: readonly Hold[]
  /** Also those that released nothing. */
  readonly releases: readonly Logged<'HoldReleased.v1'>[]
  readonly operations: readonly TracedOperation[]
  /** At the end of the log. */
  readonly holders: readonly Hold[]
  readonly actual: 'present' | 'absent' | 'unknown'
  readonly preexisting: boolean
  /** What a scan found in the target, that was left alone. */
  readonly drift: 'missing' | 'unexpected' | undefined
  /** Begun, and neither ended nor failed. */
  readonly inFlight: Logged<'ProvisioningStarted.v2'> | undefined
  /** It is in flight because somebody carries it out by hand. */
  readonly awaited: Logged<'FulfilmentAwaited.v1'> | undefined
  /** The last try, where it failed. */
  readonly failed: Logged<'ProvisioningFailed.v1'> | undefined
  /** When it is to be tried again: after a failure, or because somebody asked. */
  readonly retry: Logged<'ProvisioningFailed.v1' | 'RetryRequested.v1'> | undefined
}

/** Follows one grant's stream. @param history its events in order, at least one */
export const traceGrant = (history: readonly RecordedEvent<GrantEvent>[]): GrantTrace => {
  const [first] = history
  if (first === undefined) throw new RangeError('a grant without events can’t be traced')
  const { resourceId, roleId, subjectId } = first.data
  const id = grantId(resourceId, roleId, subjectId)
  const holds: Hold[] = []
  const releases: Logged<'HoldReleased.v1'>[] = []
  const operations: TracedOperation[] = []
  const endNoted = new Set<string>()
  let actual: GrantTrace['actual'] = 'absent'
  let preexisting = false
  let ours = false
  let seenAbsent = false
  let unexpected = false
  let drift: GrantTrace['drift']
  let inFlight: GrantTrace['inFlight']
  let awaited: GrantTrace['awaited']
  let failed: GrantTrace['failed']
  let waitingFor: GrantTrace['failed']
  let retry: GrantTrace['retry']

  const holders = () => holds.filter(({ released }) => released === undefined)
  const begin = (
    operation: TracedOperation['operation'],
    started: TracedOperation['started'],
    outcome: TracedOperation['outcome'],
  ): void => {
    const before = { holders: holders().map(({ assignmentId }) => assignmentId), preexisting, ours }
    operations.push({
      operation,
      started,
      ...before,
      waitingFor,
      seenAbsent,
      unexpected,
      outcome,
    })
  }
  const finish = (
    operation: TracedOperation['operation'],
    outcome: NonNullable<TracedOperation['outcome']>,
  ): void => {
    const index = operations.findLastIndex(
      ({ started }) => started?.data.operationId === outcome.data.operationId,
    )
    const begun = operations[index]
    if (begun?.operation === operation) operations[index] = { ...begun, outcome }
    else begin(operation, undefined, outcome)
    inFlight = undefined
    failed = undefined
    waitingFor = undefined
    retry = undefined
    unexpected = false
    drift = undefined
  }

  for (const event of history) {
    switch (event.type) {
      case 'HoldAdded.v1': {
        const { assignmentId } = event.data
        const afterItsEnd = endNoted.has(assignmentId)
        holds.push({ grantId: id, assignmentId, added: event, released: undefined, afterItsEnd })
        break
      }
      case 'HoldReleased.v1': {
        const { assignmentId, reason } = event.data
        releases.push(event)
        if (reason === 'assignment-ended') endNoted.add(assignmentId)
        for (const [index, hold] of holds.entries())
          if (hold.assignmentId === assignmentId && hold.released === undefined)
            holds[index] = { ...hold, released: event }
        break
      }
      case 'ProvisioningStarted.v2': {
        const { operation, observed } = event.data
        if (observed === 'absent') seenAbsent = true
        begin(operation, event, undefined)
        actual = 'unknown'
        preexisting &&= observed !== 'absent'
        ours = true
        inFlight = event
        awaited = undefined
        waitingFor = undefined
        retry = undefined
        drift = undefined
        break
      }
      case 'FulfilmentAwaited.v1':
        awaited = event
        break
      case 'FulfilmentReported.v1':
        // In flight, its end follows; otherwise the target was changed when nobody expected it any more.
        if (inFlight?.data.operationId !== event.data.operationId) {
          actual = 'unknown'
          ours ||= event.data.operation === 'grant'
        }
        break
      case 'AccessProvisioned.v2':
        finish('grant', event)
        actual = 'present'
        break
      case 'AccessRevoked.v3':
        finish('revoke', event)
        actual = 'absent'
        preexisting = false
        ours = false
        seenAbsent = true
        break
      case 'ProvisioningFailed.v1':
        inFlight = undefined
        failed = event
        waitingFor = event
        retry = event.data.retryAt === null ? undefined : event
        break
      case 'RetryRequested.v1':
        waitingFor = undefined
        retry = event
        break
      case 'PreexistingAccessFound.v3':
        actual = 'present'
        preexisting = event.data.kept
        if (!event.data.kept) {
          ours = true
          // Whatever was there before us: from here on the log says that it is ours.
          seenAbsent = true
        }
        inFlight = undefined
        failed = undefined
        waitingFor = undefined
        retry = undefined
        unexpected = false
        drift = undefined
        break
      case 'DriftFound.v3': {
        const { found, repair } = event.data
        if (repair === 'none') {
          drift = found === 'absent' ? 'missing' : 'unexpected'
          break
        }
        actual = found
        retry = undefined
        drift = undefined
        unexpected = found === 'present'
        if (found === 'absent') {
          preexisting = false
          ours = false
          seenAbsent = true
        }
        break
      }
      case 'DriftGone.v1':
        drift = undefined
        break
      default:
        event satisfies never
    }
  }
  return {
    grantId: id,
    resourceId,
    roleId,
    subjectId,
    holds,
    releases,
    operations,
    holders: holders(),
    actual,
    preexisting,
    drift,
    inFlight,
    awaited: inFlight === undefined ? undefined : awaited,
    failed,
    retry,
  }
}
