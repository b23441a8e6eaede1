import { handlers, type Instant, type RecordedEvent } from '@portcullis/core'
import { type DeadlineKey, deadlineKey, REMINDER_OFFSETS } from './deadlineKeys.ts'
import type { PortcullisEvent } from './events.ts'
import { grantId } from './streams.ts'
import type { Reminder } from './time.ts'

export interface Deadline {
  readonly key: string
  readonly kind: DeadlineKey['kind']
  readonly dueAt: Instant
  /** The stream that the command goes to. */
  readonly stream: string
}

/** What an event does to the deadlines: first both clears, then the sets (which replace what has the same key). */
export interface DeadlineChanges {
  readonly clear: readonly string[]
  /** Every key that starts so. */
  readonly clearPrefixes: readonly string[]
  readonly set: readonly Deadline[]
}

const NOTHING: DeadlineChanges = { clear: [], clearPrefixes: [], set: [] }

const deadline = (key: DeadlineKey, dueAt: Instant, stream: string): Deadline => ({
  key: deadlineKey(key),
  kind: key.kind,
  dueAt,
  stream,
})

const ofEnd = (
  assignmentId: string,
  endVersion: number,
  endAt: Instant | null,
  reminders: readonly Reminder[],
  stream: string,
): readonly Deadline[] => [
  ...reminders.map(({ offset, at }) =>
    deadline({ kind: 'reminder', assignmentId, endVersion, offset }, at, stream),
  ),
  ...(endAt === null
    ? []
    : [deadline({ kind: 'expiry', assignmentId, endVersion }, endAt, stream)]),
]

const ofDecision = (of: {
  readonly requestId: string
  readonly stage: number
}): DeadlineChanges => {
  const { requestId, stage } = of
  return { ...NOTHING, clear: [deadlineKey({ kind: 'approval', requestId, stage })] }
}

const ofReminder = (of: {
  readonly assignmentId: string
  readonly endVersion: number
  readonly offset: Reminder['offset']
}): DeadlineChanges => {
  const { assignmentId, endVersion, offset } = of
  return {
    ...NOTHING,
    clear: [deadlineKey({ kind: 'reminder', assignmentId, endVersion, offset })],
  }
}

interface GrantRef {
  readonly resourceId: string
  readonly roleId: string
  readonly subjectId: string
}

const idOf = (grant: GrantRef): string => grantId(grant.resourceId, grant.roleId, grant.subjectId)
const retryKey = (grant: GrantRef): string => deadlineKey({ kind: 'retry', grantId: idOf(grant) })

/** Nothing is left to be tried again. */
const settled = (grant: GrantRef): DeadlineChanges => ({ ...NOTHING, clear: [retryKey(grant)] })

const ofRetry = (grant: GrantRef, at: Instant | null, stream: string): DeadlineChanges =>
  at === null
    ? settled(grant)
    : { ...NOTHING, set: [deadline({ kind: 'retry', grantId: idOf(grant) }, at, stream)] }

const CHANGES = handlers<RecordedEvent<PortcullisEvent>, DeadlineChanges>()({
  'RequestSubmitted.v1': ({ data: { requestId, approval }, stream }) => {
    if (approval === null) return NOTHING
    const key = { kind: 'approval', requestId, stage: approval.stage } as const
    return { ...NOTHING, set: [deadline(key, approval.decideBy, stream)] }
  },
  'ApprovalGranted.v1': ({ data: { requestId, stage, next }, stream }) => {
    const key = (of: number) => ({ kind: 'approval', requestId, stage: of }) as const
    return {
      ...NOTHING,
      clear: [deadlineKey(key(stage))],
      set: next === null ? [] : [deadline(key(next.stage), next.decideBy, stream)],
    }
  },
  'ApprovalDenied.v1': ({ data }) => ofDecision(data),
  'ApprovalTimedOut.v1': ({ data }) => ofDecision(data),
  'RequestCancelled.v1': ({ data: { requestId, assignmentId } }) => ({
    ...NOTHING,
    clear: assignmentId === undefined ? [] : [deadlineKey({ kind: 'start', assignmentId })],
    clearPrefixes: [
      `approval:${requestId}:`,
      // Of a start that was withheld.
      ...(assignmentId === undefined ? [] : [`expiry:${assignmentId}:`]),
    ],
  }),
  'AssignmentScheduled.v1': ({ data: { assignmentId, startAt }, stream }) => ({
    ...NOTHING,
    set: [deadline({ kind: 'start', assignmentId }, startAt, stream)],
  }),
  'StartWithheld.v1': ({ data: { assignmentId, endAt }, stream }) => ({
    ...NOTHING,
    clear: [deadlineKey({ kind: 'start', assignmentId })],
    set: ofEnd(assignmentId, 1, endAt, [], stream),
  }),
  'AssignmentStarted.v1': ({ data: { assignmentId, endVersion, endAt, reminders }, stream }) => ({
    ...NOTHING,
    clear: [deadlineKey({ kind: 'start', assignmentId })],
    set: ofEnd(assignmentId, endVersion, endAt, reminders, stream),
  }),
  'AssignmentExtended.v1': ({ data: { assignmentId, endVersion, endAt, reminders }, stream }) => {
    const old = { assignmentId, endVersion: endVersion - 1 }
    return {
      ...NOTHING,
      clear: [
        ...REMINDER_OFFSETS.map((offset) => deadlineKey({ kind: 'reminder', ...old, offset })),
        deadlineKey({ kind: 'expiry', ...old }),
      ],
      set: ofEnd(assignmentId, endVersion, endAt, reminders, stream),
    }
  },
  'ExtensionReminderDue.v1': ({ data }) => ofReminder(data),
  'ExtensionReminderSkipped.v1': ({ data }) => ofReminder(data),
  'AssignmentEnded.v2': ({ data: { assignmentId } }) => ({
    ...NOTHING,
    clear: [deadlineKey({ kind: 'start', assignmentId })],
    clearPrefixes: [`reminder:${assignmentId}:`, `expiry:${assignmentId}:`],
  }),
  'ProvisioningStarted.v2': ({ data }) => settled(data),
  'AccessProvisioned.v2': ({ data }) => settled(data),
  'AccessRevoked.v3': ({ data }) => settled(data),
  'PreexistingAccessFound.v3': ({ data }) => settled(data),
  'DriftFound.v3': ({ data }) => settled(data),
  // The worker that takes it up at that time records first that nobody has said how it went.
  'FulfilmentAwaited.v1': ({ data, stream }) => ofRetry(data, data.until, stream),
  'ProvisioningFailed.v1': ({ data, stream }) => ofRetry(data, data.retryAt, stream),
  'RetryRequested.v1': ({ data, metadata, stream }) => ofRetry(data, metadata.at, stream),
})

/** Stored names of the events that set or settle deadlines. */
export const deadlineEventTypes = CHANGES.types

/**
 * S28: what an event sets and settles. Pure, so the view of deadlines and the alarm clock agree.
 * Every deadline that is set is cleared by the event that its own command leads to, so nothing that fired stays due.
 */
export const deadlinesOf = (event: RecordedEvent<PortcullisEvent>): DeadlineChanges =>
  CHANGES.handle(event) ?? NOTHING

/**
 * The net changes of a batch, for set-based SQL: delete the cleared keys and prefixes, then upsert what is set; the
 * result is that of one event after the other.
 */
export const foldDeadlines = (
  events: readonly RecordedEvent<PortcullisEvent>[],
): DeadlineChanges => {
  const clear = new Set<string>()
  const clearPrefixes = new Set<string>()
  // By "<kind>:<id>:", which is what prefixes clear.
  const groups = new Map<string, Map<string, Deadline>>()
  for (const event of events) {
    const changes = deadlinesOf(event)
    for (const key of changes.clear) {
      clear.add(key)
      groups.get(groupOf(key))?.delete(key)
    }
    for (const prefix of changes.clearPrefixes) {
      clearPrefixes.add(prefix)
      groups.delete(prefix)
    }
    for (const next of changes.set) {
      const group = groups.get(groupOf(next.key)) ?? new Map<string, Deadline>()
      groups.set(groupOf(next.key), group.set(next.key, next))
    }
  }
  return {
    clear: [...clear],
    clearPrefixes: [...clearPrefixes],
    set: [...groups.values()].flatMap((group) => [...group.values()]),
  }
}

const groupOf = (key: string): string => `${key.split(':', 2).join(':')}:`
