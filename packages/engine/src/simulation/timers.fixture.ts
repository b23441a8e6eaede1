import type { Instant } from '@portcullis/core'
import type { LogEvent } from './conferred.fixture.ts'
import type { Broke } from './oracle.fixture.ts'

/**
 * What an event sets, by name; what it calls off, by the beginning of its name; and the timer that it is the firing of.
 */
interface Told {
  readonly fires?: string
  readonly off: readonly string[]
  readonly sets: readonly (readonly [name: string, dueAt: Instant])[]
}

const ends = (
  id: string,
  version: number,
  endAt: Instant | null,
  reminders: readonly { readonly offset: string; readonly at: Instant }[],
): Told['sets'] => [
  ...(endAt === null ? [] : [[`end ${id}`, endAt] as const]),
  ...reminders.map(({ offset, at }) => [`reminder ${id} ${version} ${offset}`, at] as const),
]

const toldBy = (event: LogEvent): Told => {
  switch (event.type) {
    case 'RequestSubmitted.v1': {
      const { requestId, approval } = event.data
      return {
        off: [],
        sets: approval ? [[`approval ${requestId} ${approval.stage}`, approval.decideBy]] : [],
      }
    }
    case 'ApprovalGranted.v1': {
      const { requestId, stage, next } = event.data
      return {
        off: [`approval ${requestId} ${stage}`],
        sets: next ? [[`approval ${requestId} ${next.stage}`, next.decideBy]] : [],
      }
    }
    case 'ApprovalDenied.v1':
      return { off: [`approval ${event.data.requestId} `], sets: [] }
    case 'ApprovalTimedOut.v1':
      return { fires: `approval ${event.data.requestId} ${event.data.stage}`, off: [], sets: [] }
    case 'RequestCancelled.v1': {
      const { requestId, assignmentId } = event.data
      return { off: [`approval ${requestId} `, `start ${assignmentId}`], sets: [] }
    }
    case 'AssignmentScheduled.v1':
      return { off: [], sets: [[`start ${event.data.assignmentId}`, event.data.startAt]] }
    case 'AssignmentStarted.v1': {
      const { assignmentId, endVersion, endAt, reminders } = event.data
      const sets = ends(assignmentId, endVersion, endAt, reminders)
      return event.metadata.actor.kind === 'system'
        ? { fires: `start ${assignmentId}`, off: [], sets }
        : { off: [], sets }
    }
    case 'AssignmentExtended.v1': {
      const { assignmentId, endVersion, endAt, reminders } = event.data
      const off = [`end ${assignmentId}`, `reminder ${assignmentId} `]
      return { off, sets: ends(assignmentId, endVersion, endAt, reminders) }
    }
    case 'ExtensionReminderDue.v1':
    case 'ExtensionReminderSkipped.v1': {
      const { assignmentId, endVersion, offset } = event.data
      return { fires: `reminder ${assignmentId} ${endVersion} ${offset}`, off: [], sets: [] }
    }
    case 'AssignmentEnded.v2': {
      const { assignmentId, reason, endAt } = event.data
      const off = [`end ${assignmentId}`, `reminder ${assignmentId} `, `start ${assignmentId}`]
      // One that never started, because its end was past by then, ends by the timer of its start.
      return reason === 'expired' && endAt !== null
        ? { fires: `end ${assignmentId}`, off, sets: [] }
        : { off, sets: [] }
    }
    default:
      return { off: [], sets: [] }
  }
}

/**
 * Promise 5: what fires was set, is due, and is the first of its entitlement; nothing that is due is left at the end.
 */
export const checkTimers = (events: readonly LogEvent[], now: Instant, broke: Broke): void => {
  const pending = new Map<string, Map<string, Instant>>()
  for (const event of events) {
    if (!event.stream.startsWith('entitlement-')) continue
    const timers = pending.get(event.stream) ?? new Map<string, Instant>()
    pending.set(event.stream, timers)
    const { fires, off, sets } = toldBy(event)
    if (fires !== undefined) {
      const { at } = event.metadata
      const dueAt = timers.get(fires) ?? startOfPlanned(event, timers)
      const skipped = event.type === 'ExtensionReminderSkipped.v1'
      if (dueAt === undefined && !skipped) broke(5, `${fires} fired, and was not set`)
      if (dueAt !== undefined && at < dueAt) broke(5, `${fires} fired at ${at}, before ${dueAt}`)
      timers.delete(fires)
      for (const [name, other] of timers)
        if (dueAt !== undefined && other < dueAt) broke(5, `${fires} fired before ${name}`)
    }
    for (const name of [...timers.keys()])
      if (off.some((beginning) => name.startsWith(beginning))) timers.delete(name)
    for (const [name, dueAt] of sets) timers.set(name, dueAt)
  }
  for (const timers of pending.values())
    for (const [name, dueAt] of timers)
      if (dueAt <= now) broke(5, `${name} was due at ${dueAt} and never fired`)
}

const startOfPlanned = (
  event: LogEvent,
  timers: ReadonlyMap<string, Instant>,
): Instant | undefined =>
  event.type === 'AssignmentEnded.v2' ? timers.get(`start ${event.data.assignmentId}`) : undefined
