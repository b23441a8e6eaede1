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
  readonly started: Logged<'ProvisioningStarted.v1'> | undefined
  /** Assignments that held the grant right before it began. */
  readonly holders: readonly string[]
  /** Was it recorded as pre-existing right before? */
  readonly preexisting: boolean
  /** Had we begun to grant it before, since it was last known to be absent? */
  readonly ours: boolean
  /** Had the target been seen without it at some time before, or right at the start? */
  readonly seenAbsent: boolean
  /** The try before it, where that failed and nobody has asked to try again since. */
  readonly waitingFor: Logged<'ProvisioningFailed.v1'> | undefined
  readonly outcome: Logged<'AccessProvisioned.v1' | 'AccessRevoked.v1'> | undefined
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
  /** Begun, and neither ended nor failed. */
  readonly inFlight: Logged<'ProvisioningStarted.v1'> | undefined
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
  let inFlight: GrantTrace['inFlight']
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
    operations.push({ operation, started, ...before, waitingFor, seenAbsent, outcome })
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
      case 'ProvisioningStarted.v1': {
        const { operation, observed } = event.data
        if (observed === 'absent') seenAbsent = true
        begin(operation, event, undefined)
        actual = 'unknown'
        preexisting &&= observed === 'present'
        ours ||= operation === 'grant'
        inFlight = event
        waitingFor = undefined
        retry = undefined
        break
      }
      case 'AccessProvisioned.v1':
        finish('grant', event)
        actual = 'present'
        break
      case 'AccessRevoked.v1':
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
      case 'PreexistingAccessFound.v1':
        actual = 'present'
        preexisting = true
        inFlight = undefined
        failed = undefined
        waitingFor = undefined
        retry = undefined
        break
      case 'DriftFound.v1':
        actual = event.data.found
        retry = undefined
        if (event.data.found === 'absent') {
          preexisting = false
          ours = false
          seenAbsent = true
        }
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
    inFlight,
    failed,
    retry,
  }
}
