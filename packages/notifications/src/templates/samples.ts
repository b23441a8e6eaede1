import { decideCall, extendCall, requestAgainCall } from '../render/apiCalls.ts'
import type { CommonFacts, KindFacts, RequestFacts } from '../render/facts.ts'
import { shownDate } from '../render/renderContext.ts'
import type { TemplateKind } from './templateFiles.ts'

/**
 * Facts as a mail of that kind may have them, for trying templates and for looking at them: the ordinary case first,
 * then others that read differently.
 * @param language of the dates
 */
export const samplesOf = <K extends TemplateKind>(
  kind: K,
  language: string,
): readonly (KindFacts[K] & CommonFacts)[] =>
  samplesIn(language)[kind].map((facts) => ({ ...facts, ...common }))

const apiUrl = 'https://access.example.com'
const common: CommonFacts = {
  recipient: { id: 'bea', name: 'Bea "B" O\'Neil <bea>' },
  organisation: { name: 'Example & Sons' },
  apiUrl,
}
const pack = { id: 'marketing', name: 'Marketing & Sales' }
const subject = { id: 'alva', name: 'Alva Åström' }
const REQUEST = 'marketing.alva.r1'
const ASSIGNMENT = 'marketing.alva.a1'

const made = new Map<string, Samples>()
/** Dates are slow to write out in a language for the first time. */
const samplesIn = (language: string): Samples => {
  const known = made.get(language) ?? samples(language)
  made.set(language, known)
  return known
}

type Samples = { readonly [K in TemplateKind]: readonly KindFacts[K][] }

const samples = (language: string): Samples => {
  const date = (instant: string) =>
    shownDate(instant, { locale: language, zone: 'Europe/Stockholm' })
  const request: RequestFacts = {
    id: REQUEST,
    kind: 'new',
    subject,
    justification: 'For the <spring> campaign.\nIt begins on Monday.',
    decideBy: date('2026-03-15T09:00:00.000Z'),
    endAt: null,
    approverMustJustify: false,
  }
  const extension: RequestFacts = {
    ...request,
    id: 'marketing.alva.r2',
    kind: 'extension',
    justification: '',
    decideBy: null,
    endAt: date('2026-05-30T15:30:00.000Z'),
    approverMustJustify: true,
  }
  const deciding = (one: RequestFacts) => ({
    package: pack,
    request: one,
    calls: {
      approve: decideCall(apiUrl, one.id, 'approve', one.approverMustJustify),
      deny: decideCall(apiUrl, one.id, 'deny', true),
    },
  })
  const approver = { id: 'chen', name: 'Chen Bo' }
  const decisions = [
    { package: pack, request, decision: { approver, justification: 'As agreed with Jo.' } },
    { package: pack, request: extension, decision: { approver, justification: '' } },
    {
      package: pack,
      request: { ...extension, endAt: null },
      decision: { approver, justification: '' },
    },
  ]
  const openUntil = date('2026-03-15T09:00:00.000Z')
  const late = [request, extension].map((one) => ({ package: pack, request: one, openUntil }))
  const calls = { requestAgain: requestAgainCall(apiUrl, pack.id, true) }
  const assignment = {
    id: ASSIGNMENT,
    endAt: date('2026-05-30T15:30:00.000Z'),
    extensible: true,
    extensionApproved: true,
  }
  const access = { package: pack, assignment }
  const endless = {
    package: pack,
    assignment: { ...assignment, endAt: null, extensible: false, extensionApproved: false },
  }
  const endsSoon = (days: readonly number[]) =>
    days.flatMap((daysLeft) =>
      [access, endless].map((one) => ({
        ...one,
        endAt: assignment.endAt,
        daysLeft,
        calls: { extend: extendCall(apiUrl, ASSIGNMENT, true) },
      })),
    )
  const role = {
    name: 'Editor',
    resource: 'Marketing site',
    message: 'the target answered 503',
    retried: true,
  }
  const ending = {
    reason: 'expired',
    at: assignment.endAt,
    by: { id: 'system', name: 'system' },
    byRecipient: false,
    justification: '',
  } as const
  return {
    'approval-requested': [request, extension].map(deciding),
    'approval-digest': [
      [request, extension],
      [{ ...extension, endAt: null }, request],
    ].map((several) => ({
      requests: several.map((one) => ({ ...one, package: pack })),
      approverMustJustify: several[0]?.approverMustJustify ?? false,
      calls: {
        approve: decideCall(apiUrl, 'REQUEST', 'approve', true),
        deny: decideCall(apiUrl, 'REQUEST', 'deny', true),
      },
    })),
    'approval-timed-out': late,
    approved: decisions,
    denied: decisions,
    'timed-out': [
      ...late.map((one) => ({ ...one, calls })),
      { package: pack, request: { ...extension, endAt: null }, openUntil, calls },
    ],
    delivered: [access, endless],
    'partly-delivered': [
      { ...access, failed: { count: 1, roles: [role], more: 0 } },
      {
        ...endless,
        failed: { count: 22, roles: [role, { ...role, retried: false }], more: 20 },
      },
    ],
    extended: [{ ...access, previousEndAt: date('2026-03-01T15:30:00.000Z') }],
    'ends-in-14-days': endsSoon([14, 1, 0]),
    'ends-in-1-day': endsSoon([1, 0]),
    'subject-left': [
      { ...access, subject, hasEnded: false, endsAt: openUntil },
      { ...endless, subject, hasEnded: false, endsAt: null },
      { ...access, subject, hasEnded: true, endsAt: null },
    ],
    'no-approver': [request, extension].map((one) => ({ package: pack, request: one })),
    ended: [
      { ...access, ending },
      {
        ...access,
        ending: { ...ending, reason: 'removed', by: approver, justification: 'Left the team.' },
      },
      { ...access, ending: { ...ending, reason: 'removed', byRecipient: true } },
    ],
  }
}
