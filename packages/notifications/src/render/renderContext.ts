import type { Instant } from '@portcullis/core'
import type { MailLookups, MailPerson } from '../lookups.ts'
import type { AssignmentStory, RequestStory, Story } from '../story.ts'
import { type DateStyle, longDate, shortDate } from './dates.ts'
import { manyLines, oneLine } from './words.ts'

/** Everything that a template may use; names are fit for a mail already. */
export interface RenderContext {
  readonly story: Story
  readonly recipient: MailPerson
  /** When the mail is made. */
  readonly now: Instant
  readonly baseUrl: string
  readonly packageName: string
  /** Name of a person; the id when the directory doesn't know them. */
  nameOf(personId: string): Promise<string>
  /** As in `Editor of Marketing site`. */
  nameOfRole(resourceId: string, roleId: string): Promise<string>
  long(instant: Instant): string
  short(instant: Instant): string
  requestOf(requestId: string): RequestStory
  assignmentOf(assignmentId: string): AssignmentStory
}

/** The log tells of something that it never told the beginning of: nothing can be said about it. */
export class StoryIncomplete extends Error {
  readonly code = 'mail.story-incomplete'
  constructor(id: string) {
    super(`the log doesn't hold the beginning of ${id}`)
    this.name = 'StoryIncomplete'
  }
}

export const createRenderContext = (options: {
  readonly story: Story
  readonly recipient: MailPerson
  readonly now: Instant
  readonly baseUrl: string
  readonly packageName: string
  readonly lookups: MailLookups
  readonly dates: DateStyle
}): RenderContext => {
  const { story, recipient, now, baseUrl, lookups, dates } = options
  const known = <T>(found: T | undefined, id: string): T => {
    if (found === undefined) throw new StoryIncomplete(id)
    return found
  }
  return {
    story,
    recipient,
    now,
    baseUrl,
    packageName: oneLine(options.packageName),
    nameOf: async (id) =>
      oneLine((await lookups.directory.people([id])).get(id)?.displayName ?? '') || id,
    nameOfRole: async (resourceId, roleId) => {
      const resource = (await lookups.directory.resources([resourceId])).get(resourceId)
      const role = resource?.roles.find(({ id }) => id === roleId)
      return `${oneLine(role?.displayName ?? '') || roleId} of ${oneLine(resource?.displayName ?? '') || resourceId}`
    },
    long: (instant) => longDate(instant, dates),
    short: (instant) => shortDate(instant, dates),
    requestOf: (id) => known(story.request(id), id),
    assignmentOf: (id) => known(story.assignment(id), id),
  }
}

/** What somebody wrote, if they did. */
export const quote = (label: string, text: string | null) => {
  const shown = manyLines(text ?? '')
  return shown === '' ? [] : [{ label, text: shown }]
}
