import type { Instant } from '@portcullis/core'
import type { AssignmentHistory, EntitlementHistory, RequestHistory } from '../history.ts'
import type { MailLookups, MailPerson } from '../lookups.ts'
import { type DateStyle, longDate, shortDate } from './dates.ts'
import type { Named, ShownDate } from './facts.ts'
import { oneLine } from './words.ts'

/** Where the facts of a mail come from; names are fit for a mail already. */
export interface RenderContext {
  readonly history: EntitlementHistory
  readonly recipient: MailPerson
  /** When the mail is made. */
  readonly now: Instant
  readonly baseUrl: string
  readonly package: Named
  /** By name; by id when the directory doesn't know them. */
  person(personId: string): Promise<Named>
  role(
    resourceId: string,
    roleId: string,
  ): Promise<{ readonly name: string; readonly resource: string }>
  date(instant: Instant): ShownDate
  date(instant: Instant | null): ShownDate | null
  requestOf(requestId: string): RequestHistory
  assignmentOf(assignmentId: string): AssignmentHistory
}

/** The log tells of something that it never told the beginning of: nothing can be said about it. */
export class HistoryIncomplete extends Error {
  readonly code = 'mail.history-incomplete'
  constructor(id: string) {
    super(`the log doesn't hold the beginning of ${id}`)
    this.name = 'HistoryIncomplete'
  }
}

export const createRenderContext = (options: {
  readonly history: EntitlementHistory
  readonly recipient: MailPerson
  readonly now: Instant
  readonly baseUrl: string
  readonly package: Named
  readonly lookups: MailLookups
  readonly dates: DateStyle
}): RenderContext => {
  const { history, recipient, now, baseUrl, lookups } = options
  const known = <T>(found: T | undefined, id: string): T => {
    if (found === undefined) throw new HistoryIncomplete(id)
    return found
  }
  function date(instant: Instant): ShownDate
  function date(instant: Instant | null): ShownDate | null
  function date(instant: Instant | null): ShownDate | null {
    return instant === null ? null : shownDate(instant, options.dates)
  }
  return {
    history,
    recipient,
    now,
    baseUrl,
    package: { ...options.package, name: oneLine(options.package.name) },
    person: async (id) => ({
      id,
      name: oneLine((await lookups.directory.people([id])).get(id)?.displayName ?? '') || id,
    }),
    role: async (resourceId, roleId) => {
      const resource = (await lookups.directory.resources([resourceId])).get(resourceId)
      const role = resource?.roles.find(({ id }) => id === roleId)
      return {
        name: oneLine(role?.displayName ?? '') || roleId,
        resource: oneLine(resource?.displayName ?? '') || resourceId,
      }
    },
    date,
    requestOf: (id) => known(history.request(id), id),
    assignmentOf: (id) => known(history.assignment(id), id),
  }
}

export const shownDate = (instant: Instant, dates: DateStyle): ShownDate => ({
  long: longDate(instant, dates),
  short: shortDate(instant, dates),
  iso: instant,
})
