import { decideCall, requestAgainCall } from './apiCalls.ts'
import type { DecisionFacts, KindFacts, RequestFacts } from './facts.ts'
import type { RenderContext } from './renderContext.ts'
import { manyLines, oneLine } from './words.ts'

export const requestFacts = async (
  context: RenderContext,
  requestId: string,
): Promise<RequestFacts> => {
  const request = context.requestOf(requestId)
  const stages = request.terms.approval.required ? request.terms.approval.stages : []
  const decideBy = request.open?.decideBy ?? null
  const endAt =
    request.assignmentId === null ? null : context.assignmentOf(request.assignmentId).endAt
  return {
    id: requestId,
    kind: request.kind === 'extension' ? 'extension' : 'new',
    subject: await context.person(request.subjectId),
    justification: manyLines(request.justification ?? ''),
    decideBy: context.date(decideBy),
    endAt: context.date(endAt),
    approverMustJustify: stages[(request.open?.stage ?? 1) - 1]?.approverJustification ?? false,
  }
}

/** To an approver, when a stage opens. */
export const approvalRequested = async (
  context: RenderContext,
  requestId: string,
): Promise<KindFacts['approval-requested']> => {
  const request = await requestFacts(context, requestId)
  return {
    package: context.package,
    request,
    calls: {
      approve: decideCall(context.baseUrl, requestId, 'approve', request.approverMustJustify),
      deny: decideCall(context.baseUrl, requestId, 'deny', true),
    },
  }
}

/** So much of each name and justification, so that a digest of the most requests isn't cut by mail programs. */
const SHORT = { name: 80, justification: 160 } as const

/** To an approver, several requests at once. @param contexts each of the event that opened a stage */
export const approvalDigest = async (
  contexts: readonly (readonly [context: RenderContext, requestId: string])[],
  baseUrl: string,
): Promise<KindFacts['approval-digest']> => {
  const requests: KindFacts['approval-digest']['requests'][number][] = []
  for (const [context, requestId] of contexts) {
    const request = await requestFacts(context, requestId)
    requests.push({
      ...request,
      subject: { ...request.subject, name: oneLine(request.subject.name, SHORT.name) },
      justification: manyLines(request.justification, SHORT.justification),
      package: { ...context.package, name: oneLine(context.package.name, SHORT.name) },
    })
  }
  const approverMustJustify = requests.some((request) => request.approverMustJustify)
  return {
    requests,
    approverMustJustify,
    calls: {
      approve: decideCall(baseUrl, 'REQUEST', 'approve', approverMustJustify),
      deny: decideCall(baseUrl, 'REQUEST', 'deny', true),
    },
  }
}

/** To the approvers, when nobody decided (S13). */
export const approvalTimedOut = async (
  context: RenderContext,
  { requestId, decideBy }: { readonly requestId: string; readonly decideBy: string },
): Promise<KindFacts['approval-timed-out']> => ({
  package: context.package,
  request: await requestFacts(context, requestId),
  openUntil: context.date(decideBy),
})

/** To those who manage the package. */
export const noApprover = async (
  context: RenderContext,
  { requestId }: { readonly requestId: string },
): Promise<KindFacts['no-approver']> => ({
  package: context.package,
  request: await requestFacts(context, requestId),
})

/** To the subject; a refused extension leaves the end as it was (S15). */
export const decided = async (
  context: RenderContext,
  decision: {
    readonly requestId: string
    readonly approverId: string
    readonly justification: string | null
  },
): Promise<KindFacts['approved' | 'denied']> => ({
  package: context.package,
  request: await requestFacts(context, decision.requestId),
  decision: {
    approver: await context.person(decision.approverId),
    justification: manyLines(decision.justification ?? ''),
  } satisfies DecisionFacts,
})

/** To the subject (S13). */
export const timedOut = async (
  context: RenderContext,
  { requestId, decideBy }: { readonly requestId: string; readonly decideBy: string },
): Promise<KindFacts['timed-out']> => {
  const { packageId, terms } = context.requestOf(requestId)
  return {
    package: context.package,
    request: await requestFacts(context, requestId),
    openUntil: context.date(decideBy),
    calls: {
      requestAgain: requestAgainCall(context.baseUrl, packageId, terms.requestorJustification),
    },
  }
}
