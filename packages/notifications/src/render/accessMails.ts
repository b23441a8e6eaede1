import { type Instant, toMillis } from '@portcullis/core'
import { extendCall } from './apiCalls.ts'
import type { MailContent } from './mailContent.ts'
import { quote, type RenderContext } from './renderContext.ts'
import { oneLine } from './words.ts'

const OWN_ACCESS = 'You get this mail because this is your access.'
const DAY = 86_400_000

const ends = (context: RenderContext, endAt: Instant | null) =>
  ['Ends', endAt === null ? 'never' : context.long(endAt)] as const

/** How to extend, where the policy allows it. */
const extension = (context: RenderContext, assignmentId: string): MailContent['actions'] => {
  const terms = context.story.termsOf(assignmentId)
  if (terms?.extension.allowed !== true) return []
  const approval = terms.extension.approvalRequired ? '; an approver decides then' : ''
  return [
    {
      label: `To extend it (TOKEN holds your access token${approval})`,
      command: extendCall(context.baseUrl, assignmentId, terms.requestorJustification),
    },
  ]
}

export const delivered = (context: RenderContext, assignmentId: string): MailContent => {
  const { packageName } = context
  const { endAt } = context.assignmentOf(assignmentId)
  return {
    subject: `You have access to ${packageName}${endAt === null ? '' : ` until ${context.short(endAt)}`}`,
    paragraphs: [`Everything in ${packageName} is set up for you.`],
    details: [['Access package', packageName], ends(context, endAt), ['Assignment', assignmentId]],
    quotes: [],
    actions: [],
    reason: OWN_ACCESS,
  }
}

/** S21: each role on its own; what failed is named with what happens next. */
export const partlyDelivered = async (
  context: RenderContext,
  assignmentId: string,
): Promise<MailContent> => {
  const { packageName } = context
  const { failedRoles, endAt } = context.assignmentOf(assignmentId)
  const details: (readonly [string, string])[] = []
  for (const role of failedRoles.slice(0, 20)) {
    const next = role.transient ? 'tried again by itself' : 'an administrator has to correct this'
    details.push([
      await context.nameOfRole(role.resourceId, role.roleId),
      `${oneLine(role.message, 300)} (${next})`,
    ])
  }
  const more = failedRoles.length - details.length
  if (more > 0) details.push(['And', `${more} more`])
  const count = failedRoles.length === 1 ? 'one part is' : `${failedRoles.length} parts are`
  return {
    subject: `Partly delivered: your access to ${packageName} (${count} late)`,
    paragraphs: [
      `Of your access to ${packageName}, ${count} not in place yet. You have the rest. Another mail tells you when all is ready.`,
    ],
    details: [
      ['Access package', packageName],
      ...details,
      ends(context, endAt),
      ['Assignment', assignmentId],
    ],
    quotes: [],
    actions: [],
    reason: OWN_ACCESS,
  }
}

export const extended = (
  context: RenderContext,
  data: { readonly assignmentId: string; readonly previousEndAt: Instant; readonly endAt: Instant },
): MailContent => {
  const { packageName } = context
  return {
    subject: `Extended: your access to ${packageName} until ${context.short(data.endAt)}`,
    paragraphs: [`Your access to ${packageName} goes on.`],
    details: [
      ['Access package', packageName],
      ['New end', context.long(data.endAt)],
      ['Before', context.long(data.previousEndAt)],
      ['Assignment', data.assignmentId],
    ],
    quotes: [],
    actions: [],
    reason: OWN_ACCESS,
  }
}

/** S15. The days are counted when the mail is made: after a long outage "in 14 days" would be wrong. */
export const endsSoon = (
  context: RenderContext,
  data: { readonly assignmentId: string; readonly endAt: Instant },
): MailContent => {
  const { packageName } = context
  const days = Math.round((toMillis(data.endAt) - toMillis(context.now)) / DAY)
  const when = days >= 2 ? `in ${days} days` : days === 1 ? 'in 1 day' : 'now'
  return {
    subject: `Ends ${when}: your access to ${packageName} (${context.short(data.endAt)})`,
    paragraphs: [
      `Your access to ${packageName} ends ${when}. If you still need it, extend it before then; else there is nothing to do.`,
    ],
    details: [
      ['Access package', packageName],
      ends(context, data.endAt),
      ['Assignment', data.assignmentId],
    ],
    quotes: [],
    actions: extension(context, data.assignmentId),
    reason: OWN_ACCESS,
  }
}

export const ended = async (
  context: RenderContext,
  data: {
    readonly assignmentId: string
    readonly reason: 'expired' | 'removed'
    readonly by: string
    readonly justification: string | null
  },
): Promise<MailContent> => {
  const { packageName } = context
  const { at } = context.story.event.metadata
  const bySubject = data.by === context.recipient.id
  const removedBy = bySubject ? 'you' : await context.nameOf(data.by)
  return {
    subject: `${data.reason === 'expired' ? 'Ended' : 'Removed'}: your access to ${packageName}`,
    paragraphs: [
      data.reason === 'expired'
        ? `Your access to ${packageName} has come to its end. What only it gave you is taken away now.`
        : `Your access to ${packageName} was removed by ${removedBy}. What only it gave you is taken away now.`,
    ],
    details: [
      ['Access package', packageName],
      ['Ended', context.long(at)],
      ['Assignment', data.assignmentId],
    ],
    quotes: quote('Justification', data.justification),
    actions: [],
    reason: OWN_ACCESS,
  }
}
