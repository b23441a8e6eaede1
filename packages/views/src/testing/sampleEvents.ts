import type { PortcullisEvent } from '@portcullis/domain'
import { exampleTerms } from '@portcullis/domain/testing'

/** Day 1 is 2026-03-01, at 09:00 UTC. */
export const day = (number: number): string => new Date(Date.UTC(2026, 2, number, 9)).toISOString()

export const basis = { kind: 'group', id: 'eng' } as const
export const policy = { policyId: 'standard', policyVersion: 1 }

/** Approval by `bob` or group `leads`, then by `eve`. */
export const twoStages = exampleTerms({
  approval: {
    required: true,
    stages: [
      {
        approvers: [
          { kind: 'user', id: 'bob' },
          { kind: 'group', id: 'leads' },
        ],
        timeoutDays: 14,
        approverJustification: false,
      },
      { approvers: [{ kind: 'user', id: 'eve' }], timeoutDays: 7, approverJustification: false },
    ],
  },
})

interface Submitted {
  readonly packageId: string
  readonly subjectId: string
  readonly number?: number
  readonly kind?: 'new' | 'extension' | 'direct'
  readonly terms?: ReturnType<typeof exampleTerms>
  readonly decideBy?: string
  readonly assignmentId?: string
}

export const submitted = (of: Submitted): PortcullisEvent => ({
  type: 'RequestSubmitted.v1',
  data: {
    ...policy,
    requestId: `${of.packageId}.${of.subjectId}.r${of.number ?? 1}`,
    kind: of.kind ?? 'new',
    packageId: of.packageId,
    subjectId: of.subjectId,
    requestorId: of.kind === 'direct' ? 'carol' : of.subjectId,
    terms: of.terms ?? exampleTerms(),
    basis,
    justification: 'needed for the launch',
    startAt: null,
    endAt: null,
    assignmentId: of.assignmentId ?? null,
    approval: of.decideBy === undefined ? null : { stage: 1, decideBy: of.decideBy },
  },
})

export const autoApproved = (requestId: string): PortcullisEvent => ({
  type: 'RequestAutoApproved.v1',
  data: { requestId, reason: 'policy-without-approval' },
})

export const granted = (
  requestId: string,
  stage = 1,
  next: { stage: number; decideBy: string } | null = null,
): PortcullisEvent => ({
  type: 'ApprovalGranted.v1',
  data: { requestId, stage, approverId: 'bob', basis, justification: 'fine', next },
})

export const started = (
  packageId: string,
  subjectId: string,
  at: string,
  endAt: string | null,
): PortcullisEvent => ({
  type: 'AssignmentStarted.v1',
  data: {
    ...policy,
    assignmentId: `${packageId}.${subjectId}.a1`,
    requestId: `${packageId}.${subjectId}.r1`,
    packageId,
    subjectId,
    startedAt: at,
    endAt,
    endVersion: 1,
    reminders: endAt === null ? [] : [{ offset: 'P1D', at }],
  },
})

export const scheduled = (of: {
  readonly packageId: string
  readonly subjectId: string
  readonly startAt: string
}): PortcullisEvent => {
  const entitlement = `${of.packageId}.${of.subjectId}`
  return {
    type: 'AssignmentScheduled.v1',
    data: {
      ...of,
      ...policy,
      assignmentId: `${entitlement}.a1`,
      requestId: `${entitlement}.r1`,
      endAt: null,
    },
  }
}

export const wiki = { resourceId: 'wiki', roleId: 'editor' }
export const chat = { resourceId: 'chat', roleId: 'member' }
