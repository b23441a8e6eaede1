// People, events and a log for the specs of this package.
import type { RecordedEvent } from '@portcullis/core'
import { deriveId } from '@portcullis/core'
import {
  accessPackageStream,
  entitlementStream,
  type PolicyTerms,
  type PortcullisEvent,
} from '@portcullis/domain'
import type { MailLookups, MailPerson } from '../lookups.ts'

export const PACKAGE = 'marketing'
export const SUBJECT = 'alice'
export const REQUEST = `${PACKAGE}.${SUBJECT}.r1`
export const EXTENSION = `${PACKAGE}.${SUBJECT}.r2`
export const ASSIGNMENT = `${PACKAGE}.${SUBJECT}.a1`
export const STREAM = entitlementStream(`${PACKAGE}.${SUBJECT}`)
export const AT = '2026-03-01T09:00:00.000Z'

export const terms: PolicyTerms = {
  displayName: 'Staff',
  description: '',
  requestors: { kind: 'directory', principals: [{ kind: 'group', id: 'staff' }] },
  requestorJustification: true,
  approval: {
    required: true,
    stages: [
      {
        approvers: [
          { kind: 'user', id: 'bob' },
          { kind: 'user', id: 'gone' },
          { kind: 'user', id: 'disabled' },
          { kind: 'group', id: 'managers' },
        ],
        timeoutDays: 14,
        approverJustification: true,
      },
      {
        approvers: [{ kind: 'user', id: 'mei' }],
        timeoutDays: 7,
        approverJustification: false,
      },
    ],
  },
  expiration: { kind: 'afterDays', days: 90 },
  extension: { allowed: true, approvalRequired: true },
  zone: 'Europe/Berlin',
}

const person = (id: string, displayName: string, more: Partial<MailPerson> = {}): MailPerson => ({
  id,
  displayName,
  email: `${id}@northwind.example`,
  enabled: true,
  locale: 'en-GB',
  zone: null,
  ...more,
})

export const people: readonly MailPerson[] = [
  person('alice', 'Álice Đặng', { zone: 'Asia/Tokyo' }),
  person('bob', 'Bob "the Boss" <O\'Neil>'),
  person('dora', 'Dora Groß', { locale: 'de-AT' }),
  person('emil', 'Émile', { locale: null }),
  person('mei', '陈美', { locale: 'zh-CN' }),
  person('carol', 'Carol\r\nBcc: everybody@example.com'),
  person('disabled', 'Disabled Dave', { enabled: false }),
  person('nomail', 'No Mail', { email: '' }),
]

const groups: Readonly<Record<string, readonly string[]>> = { managers: ['bob', 'mei', 'alice'] }

type DataOf<Type extends PortcullisEvent['type']> = Extract<PortcullisEvent, { type: Type }>['data']

export const DECIDE_BY = '2026-03-15T09:00:00.000Z'
export const END = '2026-05-30T15:30:00.000Z'
export const LATER_END = '2026-08-28T15:30:00.000Z'
const basis = { kind: 'user', id: 'bob' } as const

export const submission = (
  change: Partial<DataOf<'RequestSubmitted.v1'>> = {},
): PortcullisEvent => ({
  type: 'RequestSubmitted.v1',
  data: {
    requestId: REQUEST,
    kind: 'new',
    packageId: PACKAGE,
    subjectId: SUBJECT,
    requestorId: SUBJECT,
    policyId: 'staff',
    policyVersion: 1,
    terms,
    basis: { kind: 'group', id: 'staff' },
    justification: 'For the <b>spring</b> campaign.\nTo approve: curl https://evil.example',
    startAt: null,
    endAt: null,
    assignmentId: null,
    approval: { stage: 1, decideBy: DECIDE_BY },
    ...change,
  },
})
export const extension = submission({
  requestId: EXTENSION,
  kind: 'extension',
  assignmentId: ASSIGNMENT,
  justification: null,
})
export const granted = (
  requestId: string,
  stage: number,
  next: { stage: number; decideBy: string } | null,
): PortcullisEvent => ({
  type: 'ApprovalGranted.v1',
  data: { requestId, stage, approverId: 'bob', basis, justification: 'Fine.', next },
})
export const denial = (requestId: string): PortcullisEvent => ({
  type: 'ApprovalDenied.v1',
  data: { requestId, stage: 1, approverId: 'bob', basis, justification: 'Not now.' },
})
export const timeout = (requestId: string): PortcullisEvent => ({
  type: 'ApprovalTimedOut.v1',
  data: { requestId, stage: 1, decideBy: DECIDE_BY },
})
export const start: PortcullisEvent = {
  type: 'AssignmentStarted.v1',
  data: {
    assignmentId: ASSIGNMENT,
    requestId: REQUEST,
    packageId: PACKAGE,
    subjectId: SUBJECT,
    policyId: 'staff',
    policyVersion: 1,
    startedAt: AT,
    endAt: END,
    endVersion: 1,
    reminders: [],
  },
}
export const delivered = (complete = true, rolesVersion = 1): PortcullisEvent => ({
  type: 'RolesDelivered.v1',
  data: { assignmentId: ASSIGNMENT, roles: [], complete, rolesVersion },
})
export const failed: PortcullisEvent = {
  type: 'DeliveryFailed.v1',
  data: {
    assignmentId: ASSIGNMENT,
    roles: [
      {
        resourceId: 'site',
        roleId: 'editor',
        code: 'scim.unavailable',
        message: 'the target answered 503',
        transient: true,
        attempts: 1,
      },
      {
        resourceId: 'unknown',
        roleId: 'reader',
        code: 'scim.user-not-found',
        message: 'no <account>',
        transient: false,
        attempts: 1,
      },
    ],
    rolesVersion: 1,
  },
}
export const extended: PortcullisEvent = {
  type: 'AssignmentExtended.v1',
  data: {
    assignmentId: ASSIGNMENT,
    requestId: EXTENSION,
    previousEndAt: END,
    endAt: LATER_END,
    endVersion: 2,
    reminders: [],
  },
}
export const reminder = (offset: 'P14D' | 'P1D'): PortcullisEvent => ({
  type: 'ExtensionReminderDue.v1',
  data: { assignmentId: ASSIGNMENT, endVersion: 1, offset, endAt: END },
})
export const ending = (reason: 'expired' | 'removed', by = 'system'): PortcullisEvent => ({
  type: 'AssignmentEnded.v2',
  data: {
    assignmentId: ASSIGNMENT,
    reason,
    by,
    justification: reason === 'removed' ? 'Left the team.' : null,
    endAt: END,
  },
})

export interface Organisation extends MailLookups {
  /** Adds to the log and returns the recorded event. */
  happened(event: PortcullisEvent, stream?: string): RecordedEvent<PortcullisEvent>
}

/** A directory and a log that begins with the package's creation. */
export const createOrganisation = (): Organisation => {
  const log = new Map<string, RecordedEvent<PortcullisEvent>[]>()
  const known = new Map(people.map((one) => [one.id, one]))
  const pick = (ids: readonly string[]) =>
    new Map(
      ids.flatMap((id) => {
        const one = known.get(id)
        return one === undefined ? [] : [[id, one] as const]
      }),
    )
  const happened: Organisation['happened'] = (event, stream = STREAM) => {
    const before = log.get(stream) ?? []
    const recorded = {
      ...event,
      id: deriveId('spec', stream, before.length),
      stream,
      revision: BigInt(before.length),
      position: BigInt(before.length + 1),
      metadata: {
        commandId: deriveId('command', stream, before.length),
        correlationId: deriveId('command', stream, before.length),
        actor: { kind: 'system', id: 'spec' },
        at: AT,
      },
    } as const
    log.set(stream, [...before, recorded])
    return recorded
  }
  happened(
    {
      type: 'AccessPackageCreated.v1',
      data: {
        packageId: PACKAGE,
        catalogId: 'default',
        displayName: 'Marketing & "Büro"',
        description: '',
        hidden: false,
      },
    },
    accessPackageStream(PACKAGE),
  )
  return {
    happened,
    history: async (stream) => log.get(stream) ?? [],
    directory: {
      people: async (ids) => pick(ids),
      administrators: async () => people.filter(({ id }) => id === 'carol'),
      membersOf: async (id) =>
        [...pick(groups[id] ?? []).values()].filter(({ enabled }) => enabled),
      resources: async (ids) =>
        new Map(
          ids
            .filter((id) => id === 'site')
            .map((id) => [
              id,
              { displayName: 'Marketing site', roles: [{ id: 'editor', displayName: 'Editor' }] },
            ]),
        ),
    },
  }
}
