import { decideCall, requestAgainCall } from './apiCalls.ts'
import type { MailContent } from './mailContent.ts'
import { quote, type RenderContext } from './renderContext.ts'

/** To an approver, when a stage opens. */
export const approvalRequested = async (
  context: RenderContext,
  requestId: string,
): Promise<MailContent> => {
  const { packageName, baseUrl } = context
  const request = context.requestOf(requestId)
  const who = await context.nameOf(request.subjectId)
  const extension = request.kind === 'extension'
  const decideBy = request.open?.decideBy
  const endAt =
    request.assignmentId === null ? null : context.assignmentOf(request.assignmentId).endAt
  const stages = request.terms.approval.required ? request.terms.approval.stages : []
  const justify = stages[(request.open?.stage ?? 1) - 1]?.approverJustification ?? false
  return {
    subject: `Please approve${decideBy === undefined ? '' : ` by ${context.short(decideBy)}`}: ${
      extension ? `${who} asks to keep ${packageName}` : `${who} asks for ${packageName}`
    }`,
    paragraphs: [
      extension
        ? `${who} asks to extend their access to ${packageName}, which would end${endAt === null ? '' : ` on ${context.long(endAt)}`}.`
        : `${who} asks for access to ${packageName}.`,
      'One decision is enough: the first approver who answers decides. If nobody does in time, the request is cancelled.',
    ],
    details: [
      ['Access package', packageName],
      ['Requested by', who],
      ...(decideBy === undefined ? [] : ([['Decide by', context.long(decideBy)]] as const)),
      ['Request', requestId],
    ],
    quotes: quote('Their justification', request.justification),
    actions: [
      {
        label: `To approve (TOKEN holds your access token${justify ? '; a reason is required' : ''})`,
        command: decideCall(baseUrl, requestId, 'approve', justify),
      },
      { label: 'To deny', command: decideCall(baseUrl, requestId, 'deny', true) },
    ],
    reason: 'You get this mail because you are an approver of this access package.',
  }
}

/** To the approvers, when nobody decided (S13). */
export const approvalTimedOut = async (
  context: RenderContext,
  requestId: string,
  decideBy: string,
): Promise<MailContent> => {
  const { packageName } = context
  const request = context.requestOf(requestId)
  const who = await context.nameOf(request.subjectId)
  const what = request.kind === 'extension' ? 'request to extend' : 'request for'
  return {
    subject: `Closed without a decision: ${who}'s ${what} ${packageName}`,
    paragraphs: [
      `Nobody decided in time, so ${who}'s ${what} ${packageName} was cancelled. There is nothing to do for you; ${who} may ask again.`,
    ],
    details: [
      ['Access package', packageName],
      ['Open until', context.long(decideBy)],
      ['Request', requestId],
    ],
    quotes: [],
    actions: [],
    reason: 'You get this mail because you are an approver of this access package.',
  }
}

const OWN_REQUEST = 'You get this mail because you requested this access.'

/** To the subject. */
export const approved = async (
  context: RenderContext,
  decision: {
    readonly requestId: string
    readonly approverId: string
    readonly justification: string | null
  },
): Promise<MailContent> => {
  const { packageName } = context
  const approver = await context.nameOf(decision.approverId)
  return {
    subject: `Approved: your request for ${packageName}`,
    paragraphs: [
      `${approver} approved your request for ${packageName}. Your access is being set up; another mail tells you when it is ready.`,
    ],
    details: [
      ['Access package', packageName],
      ['Approved by', approver],
      ['Request', decision.requestId],
    ],
    quotes: quote(`Justification of ${approver}`, decision.justification),
    actions: [],
    reason: OWN_REQUEST,
  }
}

/** To the subject; a refused extension leaves the end as it was (S15). */
export const denied = async (
  context: RenderContext,
  decision: {
    readonly requestId: string
    readonly approverId: string
    readonly justification: string | null
  },
): Promise<MailContent> => {
  const { packageName } = context
  const request = context.requestOf(decision.requestId)
  const approver = await context.nameOf(decision.approverId)
  return {
    subject:
      request.kind === 'extension'
        ? `Denied: extending your access to ${packageName}`
        : `Denied: your request for ${packageName}`,
    paragraphs: [`${approver} denied your request.`, ...unchangedEnd(context, request)],
    details: [
      ['Access package', packageName],
      ['Denied by', approver],
      ['Request', decision.requestId],
    ],
    quotes: quote(`Justification of ${approver}`, decision.justification),
    actions: [],
    reason: OWN_REQUEST,
  }
}

/** To the subject (S13). */
export const timedOut = async (
  context: RenderContext,
  requestId: string,
  decideBy: string,
): Promise<MailContent> => {
  const { packageName, baseUrl } = context
  const request = context.requestOf(requestId)
  const extension = request.kind === 'extension'
  const { requestorJustification } = request.terms
  return {
    subject: extension
      ? `Not decided in time: extending your access to ${packageName}`
      : `Not decided in time: your request for ${packageName}`,
    paragraphs: [
      'No approver decided in time, so your request was cancelled. You may ask again.',
      ...unchangedEnd(context, request),
    ],
    details: [
      ['Access package', packageName],
      ['Open until', context.long(decideBy)],
      ['Request', requestId],
    ],
    quotes: [],
    actions: extension
      ? []
      : [
          {
            label: 'To ask again (TOKEN holds your access token)',
            command: requestAgainCall(baseUrl, request.packageId, requestorJustification),
          },
        ],
    reason: OWN_REQUEST,
  }
}

const unchangedEnd = (
  context: RenderContext,
  request: ReturnType<RenderContext['requestOf']>,
): readonly string[] => {
  if (request.assignmentId === null) return []
  const { endAt } = context.assignmentOf(request.assignmentId)
  return endAt === null ? [] : [`Your access ends as before, on ${context.long(endAt)}.`]
}
