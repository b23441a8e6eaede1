import type { RecordedEvent } from '@portcullis/core'
import { type PortcullisEvent, parseAssignmentId, parseRequestId } from '@portcullis/domain'

export interface Names {
  person(id: string): string
  package(id: string): string
  role(resourceId: string, roleId: string): string
}

/**
 * One line of the timeline: when, what, and whom it is about; lines that say the same of several people at once are put
 * together.
 */
export interface Line {
  readonly at: string
  readonly who: string
  readonly what: string
}

/** What an event means to a person; undefined for those that only the engine cares about. */
export const narrate = (event: RecordedEvent<PortcullisEvent>, names: Names): Line | undefined => {
  const { at } = event.metadata
  const located =
    'assignmentId' in event.data && typeof event.data.assignmentId === 'string'
      ? parseAssignmentId(event.data.assignmentId)
      : 'requestId' in event.data && typeof event.data.requestId === 'string'
        ? parseRequestId(event.data.requestId)
        : undefined
  const subject = located === undefined ? '' : names.person(located.subjectId)
  const what = located === undefined ? '' : names.package(located.packageId)
  const line = (text: string, who: string = subject): Line => ({ at, who, what: text })
  switch (event.type) {
    case 'RequestSubmitted.v1':
      switch (event.data.kind) {
        case 'new':
          return line(`asks for ${what}`)
        case 'extension':
          return line(`asks to extend ${what}`)
        case 'direct':
          return line(`is given ${what} by ${names.person(event.data.requestorId)}`)
      }
      return undefined
    case 'ApprovalGranted.v1':
      return line(`approved by ${names.person(event.data.approverId)}: ${what}`)
    case 'ApprovalDenied.v1':
      return line(`denied by ${names.person(event.data.approverId)}: ${what}`)
    case 'ApprovalTimedOut.v1':
      return line(`nobody decided in time: ${what}`)
    case 'RequestCancelled.v1':
      return line(`request cancelled: ${what}`)
    case 'AssignmentScheduled.v1':
      return line(`will have ${what} from ${event.data.startAt.slice(0, 10)}`)
    case 'AssignmentExtended.v1':
      return line(`keeps ${what} until ${event.data.endAt.slice(0, 10)}`)
    case 'ExtensionReminderDue.v1':
      return line(`reminded, ${event.data.offset === 'P14D' ? '14 days' : '1 day'} to go: ${what}`)
    case 'AssignmentEnded.v2':
      return line(
        `${event.data.reason === 'expired' ? 'access has run out' : 'access ended'}: ${what}`,
      )
    case 'DeliveryFailed.v1':
      return line(`delivery fails, retried: ${what} (${event.data.roles[0]?.message ?? ''})`)
    case 'RolesDelivered.v1':
      return event.data.roles.length === 0
        ? undefined
        : line(
            `has ${event.data.roles.map(({ resourceId, roleId }) => names.role(resourceId, roleId)).join(', ')}`,
          )
    case 'RolesRevoked.v1':
      return event.data.roles.length === 0
        ? undefined
        : line(
            event.data.roles
              .map(
                ({ resourceId, roleId, kept }) =>
                  `${kept === null ? 'lost' : `keeps (${kept})`} ${names.role(resourceId, roleId)}`,
              )
              .join(', '),
          )
    case 'ResourceRoleAdded.v1':
      return line(
        `now confers ${names.role(event.data.resourceId, event.data.roleId)}`,
        names.package(event.data.packageId),
      )
    case 'ResourceRoleRemoved.v1':
      return line(
        `no longer confers ${names.role(event.data.resourceId, event.data.roleId)}`,
        names.package(event.data.packageId),
      )
    default:
      return undefined
  }
}

/** Lines as printed: those of one day and the same text together, in the order of the first. */
export const timeline = (lines: readonly Line[], zone: string): readonly string[] => {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    weekday: 'short',
    day: '2-digit',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  })
  const groups = new Map<string, { readonly at: string; readonly what: string; who: string[] }>()
  for (const { at, who, what } of lines) {
    const key = `${at.slice(0, 16)} ${what}`
    const group = groups.get(key) ?? { at, what, who: [] }
    group.who.push(who)
    groups.set(key, group)
  }
  return [...groups.values()].map(
    ({ at, who, what }) => `${format.format(new Date(at))}  ${namesOf(who)} ${what}`,
  )
}

const namesOf = (who: readonly string[]): string =>
  who.length <= 2 ? `${who.join(' and ')}:` : `${who.length} people (${who[0]}, …):`
