import type { Instant } from '@portcullis/core'
import { parseEntitlementId, parseEntitlementStream } from '@portcullis/domain'
import { type EntitlementHistory, packageName, readHistory } from '../history.ts'
import type { MailLookups, MailPerson } from '../lookups.ts'
import type { MailIntent, MailKind } from '../mailIntent.ts'
import type { RenderedMail, Templates } from '../templates/parsedTemplate.ts'
import type { TemplateKind } from '../templates/templateFiles.ts'
import { builtInTemplates } from '../templates/templates.ts'
import {
  delivered,
  ended,
  endsSoon,
  extended,
  partlyDelivered,
  subjectLeft,
} from './accessFacts.ts'
import {
  approvalDigest,
  approvalRequested,
  approvalTimedOut,
  decided,
  noApprover,
  timedOut,
} from './approvalFacts.ts'
import { dateStyleOf } from './dates.ts'
import type { CommonFacts, KindFacts } from './facts.ts'
import { createRenderContext, HistoryIncomplete, type RenderContext } from './renderContext.ts'
import { oneLine } from './words.ts'

export interface RenderOptions {
  readonly lookups: MailLookups
  /** Where the HTTP API is reached, for the calls that mails show. */
  readonly baseUrl: string
  readonly organisation: {
    readonly name: string
    /** IANA zone, for recipients without one of their own. */
    readonly zone: string
    /** BCP 47, for recipients without one of their own. Default `en`. */
    readonly locale?: string
  }
  /** Default: what is built in. */
  readonly templates?: Templates
}

/**
 * Makes a mail of what the log and the directory say, in the recipient's language as far as there are templates for it.
 * @throws HistoryIncomplete when the log doesn't hold what the mail is about; LiquidError of a template that the check
 *   at start-up didn't find wanting
 */
export const renderMail = async (
  intent: MailIntent,
  recipient: MailPerson,
  now: Instant,
  options: RenderOptions,
): Promise<RenderedMail> => {
  const context = await contextOf(intent, recipient, now, options)
  return render(intent.kind, await factsOf(intent.kind, context), recipient, options)
}

/**
 * Makes one mail of several that ask the same person for an approval.
 * @throws as `renderMail`
 */
export const renderDigest = async (
  intents: readonly MailIntent[],
  recipient: MailPerson,
  now: Instant,
  options: RenderOptions,
): Promise<RenderedMail> => {
  // Asked for twice, when its stage opened and when somebody was found for it, a request is told once.
  const asked = new Map<string, RenderContext>()
  for (const intent of intents) {
    const context = await contextOf(intent, recipient, now, options)
    asked.set(askedIn(context.history), context)
  }
  const contexts = [...asked].map(([requestId, context]) => [context, requestId] as const)
  const facts = await approvalDigest(contexts, options.baseUrl)
  return render('approval-digest', facts, recipient, options)
}

const contextOf = async (
  intent: MailIntent,
  recipient: MailPerson,
  now: Instant,
  { lookups, baseUrl, organisation }: RenderOptions,
): Promise<RenderContext> => {
  const history = await readHistory(lookups, intent.stream, BigInt(intent.revision))
  const packageId = packageIdOf(intent.stream)
  if (history === undefined || packageId === undefined) throw new HistoryIncomplete(intent.stream)
  return createRenderContext({
    history,
    recipient,
    now,
    baseUrl,
    lookups,
    package: { id: packageId, name: await packageName(lookups, packageId) },
    dates: dateStyleOf(recipient, organisation),
  })
}

const render = <K extends TemplateKind>(
  kind: K,
  facts: KindFacts[K],
  recipient: MailPerson,
  { baseUrl, organisation, templates = builtInTemplates() }: RenderOptions,
): RenderedMail => {
  const common: CommonFacts = {
    recipient: { id: recipient.id, name: oneLine(recipient.displayName) },
    organisation: { name: oneLine(organisation.name) },
    apiUrl: baseUrl,
  }
  const languages = [recipient.locale, organisation.locale].flatMap((locale) => locale ?? [])
  return templates.render(kind, { ...facts, ...common }, languages)
}

/** The request whose stage an event has opened, or found somebody for. */
const askedIn = (history: EntitlementHistory): string =>
  eventOf(history, 'RequestSubmitted.v1', 'ApprovalGranted.v1', 'ApproverFound.v1').data.requestId

const packageIdOf = (stream: string): string | undefined =>
  parseEntitlementId(parseEntitlementStream(stream) ?? '')?.packageId

const factsOf = async (kind: MailKind, context: RenderContext): Promise<KindFacts[MailKind]> => {
  const { history } = context
  switch (kind) {
    case 'approval-requested':
      return approvalRequested(context, askedIn(history))
    case 'approval-timed-out':
      return approvalTimedOut(context, eventOf(history, 'ApprovalTimedOut.v1').data)
    case 'timed-out':
      return timedOut(context, eventOf(history, 'ApprovalTimedOut.v1').data)
    case 'approved':
      return decided(context, eventOf(history, 'ApprovalGranted.v1').data)
    case 'denied':
      return decided(context, eventOf(history, 'ApprovalDenied.v1').data)
    case 'delivered':
      return delivered(context, eventOf(history, 'RolesDelivered.v1').data.assignmentId)
    case 'partly-delivered':
      return partlyDelivered(context, eventOf(history, 'DeliveryFailed.v1').data.assignmentId)
    case 'extended':
      return extended(context, eventOf(history, 'AssignmentExtended.v1').data)
    case 'ends-in-14-days':
    case 'ends-in-1-day':
      return endsSoon(context, eventOf(history, 'ExtensionReminderDue.v1').data)
    case 'ended':
      return ended(context, eventOf(history, 'AssignmentEnded.v2').data)
    case 'subject-left':
      return subjectLeft(context, eventOf(history, 'SubjectLeft.v1', 'AssignmentEnded.v2'))
    case 'no-approver':
      return noApprover(context, eventOf(history, 'ApproverMissing.v1').data)
    default:
      return kind satisfies never
  }
}
type HistoryEvent = EntitlementHistory['event']

/** The event that the mail is about, as one of the types that its kind comes from. */
const eventOf = <Type extends HistoryEvent['type']>(
  { event }: EntitlementHistory,
  ...types: readonly Type[]
): Extract<HistoryEvent, { type: Type }> => {
  if (isOneOf(event, types)) return event
  throw new HistoryIncomplete(`${event.stream} at ${event.revision}: a mail of another event`)
}

const isOneOf = <Type extends HistoryEvent['type']>(
  event: HistoryEvent,
  types: readonly Type[],
): event is Extract<HistoryEvent, { type: Type }> => types.some((type) => type === event.type)
