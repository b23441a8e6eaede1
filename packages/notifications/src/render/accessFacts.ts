import { type Instant, toMillis } from '@portcullis/core'
import { canBeExtended, parseAssignmentId, plainFailure } from '@portcullis/domain'
import { extendCall } from './apiCalls.ts'
import type { AssignmentFacts, FailedRole, KindFacts } from './facts.ts'
import type { RenderContext } from './renderContext.ts'
import { manyLines } from './words.ts'

const DAY = 86_400_000
const MOST_ROLES = 20

const assignmentFacts = (context: RenderContext, id: string): AssignmentFacts => {
  const terms = context.history.termsOf(id)
  const { endAt } = context.assignmentOf(id)
  const extensible = terms !== undefined && endAt !== null && canBeExtended(terms, endAt)
  return {
    id,
    endAt: context.date(endAt),
    extensible,
    extensionApproved: extensible && terms.extension.allowed && terms.extension.approvalRequired,
  }
}

export const delivered = (
  context: RenderContext,
  assignmentId: string,
): KindFacts['delivered'] => ({
  package: context.package,
  assignment: assignmentFacts(context, assignmentId),
})

/** S21: each role on its own; what failed is named with what happens next. */
export const partlyDelivered = async (
  context: RenderContext,
  assignmentId: string,
): Promise<KindFacts['partly-delivered']> => {
  const { failedRoles } = context.assignmentOf(assignmentId)
  const roles: FailedRole[] = []
  for (const role of failedRoles.slice(0, MOST_ROLES))
    roles.push({
      ...(await context.role(role.resourceId, role.roleId)),
      message: plainFailure(role.transient),
      retried: role.transient,
    })
  return {
    ...delivered(context, assignmentId),
    failed: { count: failedRoles.length, roles, more: failedRoles.length - roles.length },
  }
}

export const extended = (
  context: RenderContext,
  data: { readonly assignmentId: string; readonly previousEndAt: Instant; readonly endAt: Instant },
): KindFacts['extended'] => ({
  ...delivered(context, data.assignmentId),
  previousEndAt: context.date(data.previousEndAt),
})

/** S15. */
export const endsSoon = (
  context: RenderContext,
  { assignmentId, endAt }: { readonly assignmentId: string; readonly endAt: Instant },
): KindFacts['ends-in-14-days' | 'ends-in-1-day'] => ({
  ...delivered(context, assignmentId),
  endAt: context.date(endAt),
  daysLeft: Math.max(0, Math.round((toMillis(endAt) - toMillis(context.now)) / DAY)),
  calls: {
    extend: extendCall(
      context.baseUrl,
      assignmentId,
      context.history.termsOf(assignmentId)?.requestorJustification ?? false,
    ),
  },
})

/** To those who manage the package: they left, or what they had has ended for it. */
export const subjectLeft = async (
  context: RenderContext,
  event: {
    readonly data: { readonly assignmentId: string; readonly endsAt?: Instant | null }
  },
): Promise<KindFacts['subject-left']> => {
  const { assignmentId, endsAt } = event.data
  return {
    ...delivered(context, assignmentId),
    subject: await context.person(parseAssignmentId(assignmentId)?.subjectId ?? ''),
    hasEnded: endsAt === undefined,
    endsAt: context.date(endsAt ?? null),
  }
}

export const ended = async (
  context: RenderContext,
  data: {
    readonly assignmentId: string
    readonly reason: 'expired' | 'removed' | 'subject-left'
    readonly by: string
    readonly justification: string | null
  },
): Promise<KindFacts['ended']> => ({
  ...delivered(context, data.assignmentId),
  ending: {
    reason: data.reason,
    at: context.date(context.history.event.metadata.at),
    by: await context.person(data.by),
    byRecipient: data.by === context.recipient.id,
    justification: manyLines(data.justification ?? ''),
  },
})
