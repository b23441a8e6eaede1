import type { EntitlementCommand } from './entitlement/entitlement.commands.ts'
import {
  entitlementStream,
  grantStream,
  parseAssignmentId,
  parseGrantId,
  parseRequestId,
} from './streams.ts'
import type { ReminderOffset } from './time.ts'

export type DeadlineKey =
  | { readonly kind: 'approval'; readonly requestId: string; readonly stage: number }
  | { readonly kind: 'start'; readonly assignmentId: string }
  | {
      readonly kind: 'reminder'
      readonly assignmentId: string
      readonly endVersion: number
      readonly offset: ReminderOffset
    }
  | { readonly kind: 'expiry'; readonly assignmentId: string; readonly endVersion: number }
  | { readonly kind: 'retry'; readonly grantId: string }

/** Both reminders of an end (S15), the earlier first. */
export const REMINDER_OFFSETS: readonly ReminderOffset[] = ['P14D', 'P1D']

/**
 * The text of a key; part of the views' and jobs' contract: `approval:<requestId>:<stage>`, `start:<assignmentId>`, …
 */
export const deadlineKey = (key: DeadlineKey): string => {
  switch (key.kind) {
    case 'approval':
      return `approval:${key.requestId}:${key.stage}`
    case 'start':
      return `start:${key.assignmentId}`
    case 'reminder':
      return `reminder:${key.assignmentId}:${key.endVersion}:${key.offset}`
    case 'expiry':
      return `expiry:${key.assignmentId}:${key.endVersion}`
    case 'retry':
      return `retry:${key.grantId}`
    default:
      return key satisfies never
  }
}

const parseCount = (text: string | undefined): number | undefined =>
  text !== undefined && /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined

/** Reads what {@link deadlineKey} wrote; undefined when the text isn't a key. */
export const parseDeadlineKey = (text: string): DeadlineKey | undefined => {
  const [kind, id = '', third, fourth, ...rest] = text.split(':')
  if (rest.length > 0) return undefined
  const count = parseCount(third)
  const isAssignment = parseAssignmentId(id) !== undefined
  const offset = REMINDER_OFFSETS.find((known) => known === fourth)
  if (kind === 'approval' && parseRequestId(id) && count && fourth === undefined)
    return { kind, requestId: id, stage: count }
  if (kind === 'start' && isAssignment && third === undefined) return { kind, assignmentId: id }
  if (kind === 'reminder' && isAssignment && count && offset)
    return { kind, assignmentId: id, endVersion: count, offset }
  if (kind === 'expiry' && isAssignment && count && fourth === undefined)
    return { kind, assignmentId: id, endVersion: count }
  if (kind === 'retry' && parseGrantId(id) && third === undefined) return { kind, grantId: id }
  return undefined
}

/** What timers say. */
export const TIMER_COMMANDS = [
  'TimeOutApproval',
  'StartAssignment',
  'RemindOfEnd',
  'ExpireAssignment',
] as const

export type TimerCommand = Extract<
  EntitlementCommand,
  { readonly type: (typeof TIMER_COMMANDS)[number] }
>

/**
 * What to do when a deadline is due: a command for an entitlement, or, for a retry, to provision the grant (there is no
 * command to give).
 */
export type DueAction =
  | { readonly kind: 'command'; readonly stream: string; readonly command: TimerCommand }
  | {
      readonly kind: 'provision'
      readonly stream: string
      readonly command: null
      readonly grantId: string
    }

/** `id`: of a request or an assignment, `<entitlementId>.<r or a><n>`. */
const toEntitlement = (id: string, command: TimerCommand): DueAction => ({
  kind: 'command',
  stream: entitlementStream(id.slice(0, id.lastIndexOf('.'))),
  command,
})

/**
 * Turns a due key back into what it asks for. The command carries all that the decider needs to ignore it when the
 * state has moved on. Undefined for a text that isn't a key.
 */
export const deadlineCommand = (text: string): DueAction | undefined => {
  const key = parseDeadlineKey(text)
  switch (key?.kind) {
    case undefined:
      return undefined
    case 'approval':
      return toEntitlement(key.requestId, {
        type: 'TimeOutApproval',
        requestId: key.requestId,
        stage: key.stage,
      })
    case 'start':
      return toEntitlement(key.assignmentId, {
        type: 'StartAssignment',
        assignmentId: key.assignmentId,
      })
    case 'reminder':
      return toEntitlement(key.assignmentId, {
        type: 'RemindOfEnd',
        assignmentId: key.assignmentId,
        endVersion: key.endVersion,
        offset: key.offset,
      })
    case 'expiry':
      return toEntitlement(key.assignmentId, {
        type: 'ExpireAssignment',
        assignmentId: key.assignmentId,
        endVersion: key.endVersion,
      })
    case 'retry':
      return {
        kind: 'provision',
        stream: grantStream(key.grantId),
        command: null,
        grantId: key.grantId,
      }
    default:
      return key satisfies never
  }
}
