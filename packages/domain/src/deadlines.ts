import type { Instant, RecordedEvent } from '@portcullis/core'
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

/**
 * S28: what an event sets and settles. Pure, so the view of deadlines and the alarm clock agree.
 * Every deadline that is set is cleared by the event that its own command leads to, so nothing that fired stays due.
 */
export const deadlinesOf = (event: RecordedEvent<PortcullisEvent>): DeadlineChanges => {
  const { stream } = event
  switch (event.type) {
    case 'RequestSubmitted.v1': {
      const { requestId, approval } = event.data
      if (approval === null) return NOTHING
      const key = { kind: 'approval', requestId, stage: approval.stage } as const
      return { ...NOTHING, set: [deadline(key, approval.decideBy, stream)] }
    }
    case 'ApprovalGranted.v1': {
      const { requestId, stage, next } = event.data
      const key = (of: number) => ({ kind: 'approval', requestId, stage: of }) as const
      return {
        ...NOTHING,
        clear: [deadlineKey(key(stage))],
        set: next === null ? [] : [deadline(key(next.stage), next.decideBy, stream)],
      }
    }
    case 'ApprovalDenied.v1':
    case 'ApprovalTimedOut.v1': {
      const { requestId, stage } = event.data
      return { ...NOTHING, clear: [deadlineKey({ kind: 'approval', requestId, stage })] }
    }
    case 'RequestCancelled.v1': {
      const { requestId, assignmentId } = event.data
      return {
        ...NOTHING,
        clear: assignmentId === undefined ? [] : [deadlineKey({ kind: 'start', assignmentId })],
        clearPrefixes: [
          `approval:${requestId}:`,
          // Of a start that was withheld.
          ...(assignmentId === undefined ? [] : [`expiry:${assignmentId}:`]),
        ],
      }
    }
    case 'AssignmentScheduled.v1': {
      const { assignmentId, startAt } = event.data
      return { ...NOTHING, set: [deadline({ kind: 'start', assignmentId }, startAt, stream)] }
    }
    case 'StartWithheld.v1': {
      const { assignmentId, endAt } = event.data
      return {
        ...NOTHING,
        clear: [deadlineKey({ kind: 'start', assignmentId })],
        set: ofEnd(assignmentId, 1, endAt, [], stream),
      }
    }
    case 'AssignmentStarted.v1': {
      const { assignmentId, endVersion, endAt, reminders } = event.data
      return {
        ...NOTHING,
        clear: [deadlineKey({ kind: 'start', assignmentId })],
        set: ofEnd(assignmentId, endVersion, endAt, reminders, stream),
      }
    }
    case 'AssignmentExtended.v1': {
      const { assignmentId, endVersion, endAt, reminders } = event.data
      const old = { assignmentId, endVersion: endVersion - 1 }
      return {
        ...NOTHING,
        clear: [
          ...REMINDER_OFFSETS.map((offset) => deadlineKey({ kind: 'reminder', ...old, offset })),
          deadlineKey({ kind: 'expiry', ...old }),
        ],
        set: ofEnd(assignmentId, endVersion, endAt, reminders, stream),
      }
    }
    case 'ExtensionReminderDue.v1':
    case 'ExtensionReminderSkipped.v1': {
      const { assignmentId, endVersion, offset } = event.data
      return {
        ...NOTHING,
        clear: [deadlineKey({ kind: 'reminder', assignmentId, endVersion, offset })],
      }
    }
    case 'AssignmentEnded.v2': {
      const { assignmentId } = event.data
      return {
        ...NOTHING,
        clear: [deadlineKey({ kind: 'start', assignmentId })],
        clearPrefixes: [`reminder:${assignmentId}:`, `expiry:${assignmentId}:`],
      }
    }
    case 'ProvisioningStarted.v2':
    case 'AccessProvisioned.v2':
    case 'AccessRevoked.v3':
    case 'PreexistingAccessFound.v3':
    case 'DriftFound.v3':
      return { ...NOTHING, clear: [retryKey(event.data)] }
    // The one who works on it at that time records first that nobody has said how it went.
    case 'FulfilmentAwaited.v1':
      return ofRetry(event.data, event.data.until, stream)
    case 'ProvisioningFailed.v1':
      return ofRetry(event.data, event.data.retryAt, stream)
    case 'RetryRequested.v1':
      return ofRetry(event.data, event.metadata.at, stream)
    default:
      return NOTHING
  }
}

interface GrantRef {
  readonly resourceId: string
  readonly roleId: string
  readonly subjectId: string
}

const idOf = (grant: GrantRef): string => grantId(grant.resourceId, grant.roleId, grant.subjectId)
const retryKey = (grant: GrantRef): string => deadlineKey({ kind: 'retry', grantId: idOf(grant) })

const ofRetry = (grant: GrantRef, at: Instant | null, stream: string): DeadlineChanges =>
  at === null
    ? { ...NOTHING, clear: [retryKey(grant)] }
    : { ...NOTHING, set: [deadline({ kind: 'retry', grantId: idOf(grant) }, at, stream)] }

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
