import type { Instant } from '@portcullis/core'
import type { MailLookups, MailPerson } from '../lookups.ts'
import type { MailIntent, MailKind } from '../mailIntent.ts'
import { packageName, readStory, type Story } from '../story.ts'
import { delivered, ended, endsSoon, extended, partlyDelivered } from './accessMails.ts'
import { approvalRequested, approvalTimedOut, approved, denied, timedOut } from './approvalMails.ts'
import { dateStyleOf } from './dates.ts'
import { htmlOf, textOf } from './layout.ts'
import type { MailContent } from './mailContent.ts'
import { createRenderContext, type RenderContext, StoryIncomplete } from './renderContext.ts'
import { oneLine } from './words.ts'

export interface RenderOptions {
  readonly lookups: MailLookups
  /** Where the HTTP API is reached, for the calls that mails show. */
  readonly baseUrl: string
  readonly organisation: {
    readonly name: string
    /** IANA zone, for recipients without one of their own. */
    readonly zone: string
  }
}

export interface RenderedMail {
  readonly subject: string
  readonly text: string
  readonly html: string
}

/**
 * Makes a mail's words from the log and the directory.
 * @throws StoryIncomplete when the log doesn't hold what the mail is about
 */
export const renderMail = async (
  intent: MailIntent,
  recipient: MailPerson,
  now: Instant,
  options: RenderOptions,
): Promise<RenderedMail> => {
  const { lookups, baseUrl, organisation } = options
  const story = await readStory(lookups, intent.stream, BigInt(intent.revision))
  const packageId = packageIdOf(intent.stream)
  if (story === undefined || packageId === undefined) throw new StoryIncomplete(intent.stream)
  const content = await contentOf(
    intent.kind,
    createRenderContext({
      story,
      recipient,
      now,
      baseUrl,
      lookups,
      packageName: await packageName(lookups, packageId),
      dates: dateStyleOf(recipient, organisation.zone),
    }),
  )
  const subject = oneLine(content.subject, 200)
  const layout = {
    greeting: `Hello ${oneLine(recipient.displayName)},`,
    sender: `${oneLine(organisation.name)}, access packages: ${baseUrl}`,
  }
  const shown = { ...content, subject }
  return { subject, text: textOf(shown, layout), html: htmlOf(shown, layout) }
}

const packageIdOf = (stream: string): string | undefined =>
  /^entitlement-([^.]+)\./.exec(stream)?.[1]

const contentOf = async (kind: MailKind, context: RenderContext): Promise<MailContent> => {
  switch (kind) {
    case 'approval-requested': {
      const { data } = eventOf(context.story, 'RequestSubmitted.v1', 'ApprovalGranted.v1')
      return approvalRequested(context, data.requestId)
    }
    case 'approval-timed-out': {
      const { data } = eventOf(context.story, 'ApprovalTimedOut.v1')
      return approvalTimedOut(context, data.requestId, data.decideBy)
    }
    case 'timed-out': {
      const { data } = eventOf(context.story, 'ApprovalTimedOut.v1')
      return timedOut(context, data.requestId, data.decideBy)
    }
    case 'approved':
      return approved(context, eventOf(context.story, 'ApprovalGranted.v1').data)
    case 'denied':
      return denied(context, eventOf(context.story, 'ApprovalDenied.v1').data)
    case 'delivered':
      return delivered(context, eventOf(context.story, 'RolesDelivered.v1').data.assignmentId)
    case 'partly-delivered':
      return partlyDelivered(context, eventOf(context.story, 'DeliveryFailed.v1').data.assignmentId)
    case 'extended':
      return extended(context, eventOf(context.story, 'AssignmentExtended.v1').data)
    case 'ends-in-14-days':
    case 'ends-in-1-day':
      return endsSoon(context, eventOf(context.story, 'ExtensionReminderDue.v1').data)
    case 'ended':
      return ended(context, eventOf(context.story, 'AssignmentEnded.v1').data)
    default:
      return kind satisfies never
  }
}

type StoryEvent = Story['event']

/** The event that the mail is about, as one of the types that its kind comes from. */
const eventOf = <Type extends StoryEvent['type']>(
  { event }: Story,
  ...types: readonly Type[]
): Extract<StoryEvent, { type: Type }> => {
  if (isOneOf(event, types)) return event
  throw new StoryIncomplete(`${event.stream} at ${event.revision}: a mail of another event`)
}

const isOneOf = <Type extends StoryEvent['type']>(
  event: StoryEvent,
  types: readonly Type[],
): event is Extract<StoryEvent, { type: Type }> => types.some((type) => type === event.type)
