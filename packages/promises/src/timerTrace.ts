import type { Instant, RecordedEvent } from '@portcullis/core'
import type { EntitlementEvent, Reminder } from '@portcullis/domain'
import { placeOf } from './findings.ts'
import type { Logged } from './logEvent.ts'

export interface Timer {
  /** For sentences, and unlike every other timer's. */
  readonly name: string
  readonly dueAt: Instant
}

export interface TimerEvent {
  readonly timer: Timer
  readonly event: RecordedEvent<EntitlementEvent>
}

export interface TimerTrace {
  /** How many timers were set. */
  readonly set: number
  /** In the order in which they fired. */
  readonly fired: readonly TimerEvent[]
  /** Called off before they fired, and by what. */
  readonly dropped: readonly TimerEvent[]
  /** Neither fired nor called off. */
  readonly pending: readonly Timer[]
  /** Sentences: fired twice, or without ever being set, or decided after the time was over. */
  readonly faults: readonly string[]
}

const approvalTimer = (requestId: string, stage: number): string =>
  `the approval time-out of stage ${stage} of ${requestId}`
const startTimer = (assignmentId: string): string => `the start of ${assignmentId}`
const reminderTimer = (assignmentId: string, endVersion: number, offset: string): string =>
  `the reminder ${offset} of ${assignmentId} (end version ${endVersion})`
const expiryTimer = (assignmentId: string): string => `the expiry of ${assignmentId}`

interface Collected {
  set: number
  readonly pending: Map<string, Instant>
  readonly done: Map<string, RecordedEvent<EntitlementEvent>>
  readonly fired: TimerEvent[]
  readonly dropped: TimerEvent[]
  readonly faults: string[]
}

/** Follows one entitlement's timers. @param history its events in order */
export const traceTimers = (history: readonly RecordedEvent<EntitlementEvent>[]): TimerTrace => {
  const collected: Collected = {
    set: 0,
    pending: new Map(),
    done: new Map(),
    fired: [],
    dropped: [],
    faults: [],
  }
  for (const event of history) trace(event, collected)
  const { set, fired, dropped, faults } = collected
  const pending = [...collected.pending].map(([name, dueAt]) => ({ name, dueAt }))
  return { set, fired, dropped, faults, pending }
}

const setTimer = (collected: Collected, name: string, dueAt: Instant): void => {
  collected.set += 1
  collected.pending.set(name, dueAt)
}

/** @returns false, and a fault, when this had happened before */
const once = (
  { done, faults }: Collected,
  name: string,
  event: RecordedEvent<EntitlementEvent>,
): boolean => {
  const first = done.get(name)
  if (first === undefined) {
    done.set(name, event)
    return true
  }
  faults.push(`${name} fired twice: ${placeOf(first)} and ${placeOf(event)}`)
  return false
}

const fire = (
  { pending, fired, faults }: Collected,
  name: string,
  event: RecordedEvent<EntitlementEvent>,
): void => {
  const dueAt = pending.get(name)
  if (dueAt === undefined) {
    faults.push(`${name} fired (${placeOf(event)}), but no such timer was running`)
    return
  }
  pending.delete(name)
  fired.push({ timer: { name, dueAt }, event })
}

const drop = (
  { pending, dropped }: Collected,
  isMeant: (name: string) => boolean,
  event: RecordedEvent<EntitlementEvent>,
): void => {
  for (const [name, dueAt] of pending) {
    if (!isMeant(name)) continue
    pending.delete(name)
    dropped.push({ timer: { name, dueAt }, event })
  }
}

const setEnd = (
  collected: Collected,
  assignmentId: string,
  endVersion: number,
  endAt: Instant | null,
  reminders: readonly Reminder[],
): void => {
  for (const { offset, at } of reminders)
    setTimer(collected, reminderTimer(assignmentId, endVersion, offset), at)
  if (endAt !== null) setTimer(collected, expiryTimer(assignmentId), endAt)
}

const isApprovalOf =
  (requestId: string) =>
  (name: string): boolean =>
    name.startsWith('the approval time-out') && name.endsWith(` of ${requestId}`)
const isReminderOf =
  (assignmentId: string) =>
  (name: string): boolean =>
    name.startsWith('the reminder') && name.includes(` of ${assignmentId} `)

/** The last stage's time-out mustn't stop what was begun without its approval: that is promise 3's. */
const forgetApproval = ({ pending }: Collected, requestId: string): void => {
  for (const name of pending.keys()) if (isApprovalOf(requestId)(name)) pending.delete(name)
}

const decided = (
  collected: Collected,
  event: Logged<'ApprovalGranted.v1' | 'ApprovalDenied.v1'>,
): void => {
  const name = approvalTimer(event.data.requestId, event.data.stage)
  const dueAt = collected.pending.get(name)
  collected.pending.delete(name)
  if (dueAt !== undefined && event.metadata.at >= dueAt)
    collected.faults.push(
      `${name} was at ${dueAt}, but ${placeOf(event)} decided at ${event.metadata.at}`,
    )
}

const ended = (collected: Collected, event: Logged<'AssignmentEnded.v2'>): void => {
  const { assignmentId, reason } = event.data
  if (!once(collected, `the end of ${assignmentId}`, event)) return
  if (reason === 'expired') fire(collected, expiryTimer(assignmentId), event)
  const voided = [startTimer(assignmentId), expiryTimer(assignmentId)]
  drop(collected, (name) => voided.includes(name) || isReminderOf(assignmentId)(name), event)
}

const trace = (event: RecordedEvent<EntitlementEvent>, collected: Collected): void => {
  switch (event.type) {
    case 'RequestSubmitted.v1': {
      const { requestId, approval } = event.data
      if (approval !== null)
        setTimer(collected, approvalTimer(requestId, approval.stage), approval.decideBy)
      return
    }
    case 'ApprovalGranted.v1': {
      const { requestId, next } = event.data
      decided(collected, event)
      if (next !== null) setTimer(collected, approvalTimer(requestId, next.stage), next.decideBy)
      return
    }
    case 'ApprovalDenied.v1':
      decided(collected, event)
      return
    case 'ApprovalTimedOut.v1': {
      const name = approvalTimer(event.data.requestId, event.data.stage)
      if (once(collected, name, event)) fire(collected, name, event)
      return
    }
    case 'RequestCancelled.v1': {
      const { requestId, assignmentId } = event.data
      drop(collected, isApprovalOf(requestId), event)
      if (assignmentId === undefined) return
      const voided = [startTimer(assignmentId), expiryTimer(assignmentId)]
      drop(collected, (name) => voided.includes(name), event)
      return
    }
    case 'AssignmentScheduled.v1': {
      const { assignmentId, startAt, endAt } = event.data
      setTimer(collected, startTimer(assignmentId), startAt)
      setEnd(collected, assignmentId, 1, endAt, [])
      return
    }
    case 'AssignmentStarted.v1': {
      const { assignmentId, requestId, endVersion, endAt, reminders } = event.data
      const name = startTimer(assignmentId)
      if (!once(collected, name, event)) return
      forgetApproval(collected, requestId)
      if (collected.pending.has(name)) fire(collected, name, event)
      setEnd(collected, assignmentId, endVersion, endAt, reminders)
      return
    }
    case 'AssignmentExtended.v1': {
      const { assignmentId, requestId, endVersion, endAt, reminders } = event.data
      forgetApproval(collected, requestId)
      const expiry = expiryTimer(assignmentId)
      drop(collected, (name) => name === expiry || isReminderOf(assignmentId)(name), event)
      setEnd(collected, assignmentId, endVersion, endAt, reminders)
      return
    }
    case 'ExtensionReminderDue.v1':
    case 'ExtensionReminderSkipped.v1': {
      const { assignmentId, endVersion, offset } = event.data
      const name = reminderTimer(assignmentId, endVersion, offset)
      if (!once(collected, name, event)) return
      // The end called it off already; that it was skipped is only noted.
      const noted =
        event.type === 'ExtensionReminderSkipped.v1' && event.data.reason === 'assignment-ended'
      if (!noted) fire(collected, name, event)
      return
    }
    case 'AssignmentEnded.v2':
      ended(collected, event)
      return
    case 'StartWithheld.v1':
      fire(collected, startTimer(event.data.assignmentId), event)
      return
    case 'RequestAutoApproved.v1':
    case 'ApproverMissing.v1':
    case 'ApproverFound.v1':
    case 'SubjectLeft.v1':
    case 'SubjectReturned.v1':
    case 'RolesWithheld.v1':
    case 'RolesDelivered.v1':
    case 'DeliveryFailed.v1':
    case 'RolesRevoked.v1':
      return
    default:
      event satisfies never
  }
}
