import { type FoldedTable, rowColumns } from '../projector/foldTable.ts'
import { type AssignmentRow, hasEnded, isActive, isOngoing } from './assignments.fold.ts'
import type { ProgressRow } from './progress.fold.ts'
import type { RequestRow } from './requests.fold.ts'

/** Who may decide now, as tokens `user:<id>` and `group:<id>`; null when nobody is asked. */
const openApprovers = ({ view }: RequestRow): readonly string[] | null =>
  view.status === 'PendingApproval'
    ? [
        ...view.approverIds.map((id) => `user:${id}`),
        ...view.approverGroupIds.map((id) => `group:${id}`),
      ]
    : null

export const requests: FoldedTable<RequestRow> = {
  name: 'requests',
  columns: rowColumns<RequestRow>({
    view: {
      kind: 'text',
      packageId: 'text',
      subjectId: 'text',
      requestorId: 'text',
      policyId: 'text',
      policyVersion: 'integer',
      status: 'text',
      subStatus: 'text?',
      justification: 'text?',
      stage: 'integer?',
      decideBy: 'text?',
      approverIds: 'jsonb',
      approverGroupIds: 'jsonb',
      decidedBy: 'text?',
      decidedAt: 'text?',
      decisionJustification: 'text?',
      assignmentId: 'text?',
      fulfilmentErrors: 'jsonb',
      submittedAt: 'text',
      updatedAt: 'text',
    },
    state: { stages: 'jsonb', over: 'boolean' },
    computed: [{ name: 'open_approvers', type: 'jsonb', nullable: true, of: openApprovers }],
  }),
  indexes: {
    seq: '(seq)',
    package: '(package_id, seq)',
    subject: '(subject_id, seq)',
    requestor: '(requestor_id, seq)',
    decided_by: '(decided_by, seq) where decided_by is not null',
    policy: '(policy_id, seq)',
    status: '(status, seq)',
    sub_status: '(sub_status, seq) where sub_status is not null',
    kind: '(kind, seq)',
    submitted: '(submitted_at)',
    open: '(package_id) where open_approvers is not null',
    decide_by: '(decide_by) where open_approvers is not null',
    approver: 'using gin (open_approvers) where open_approvers is not null',
  },
}

export const assignments: FoldedTable<AssignmentRow> = {
  name: 'assignments',
  columns: rowColumns<AssignmentRow>({
    view: {
      entitlementId: 'text',
      packageId: 'text',
      subjectId: 'text',
      requestId: 'text',
      policyId: 'text',
      policyVersion: 'integer',
      status: 'text',
      startAt: 'text',
      endAt: 'text?',
      endVersion: 'integer',
      endedAt: 'text?',
      settled: 'boolean',
      rolesVersion: 'integer',
      updatedAt: 'text',
    },
    state: { delivered: 'boolean', revoked: 'boolean', subjectLeft: 'boolean' },
    computed: [
      { name: 'active', type: 'boolean', of: ({ view }) => isActive(view) },
      { name: 'ongoing', type: 'boolean', of: ({ view }) => isOngoing(view) },
      { name: 'ended', type: 'boolean', of: ({ view }) => hasEnded(view) },
    ],
  }),
  indexes: {
    seq: '(seq)',
    package: '(package_id, seq)',
    subject: '(subject_id, seq)',
    policy: '(policy_id, seq)',
    status: '(status, seq)',
    active: '(package_id, roles_version, status) where active',
    ongoing: '(package_id) where ongoing',
    unsettled: '(entitlement_id) where not settled',
    end: '(end_at) where active and end_at is not null',
    start: "(start_at) where status = 'Scheduled'",
    subject_left: '(ended_at) where subject_left',
  },
}

/** One row for each package that somebody has. */
export const progress: FoldedTable<ProgressRow> = {
  name: 'progress',
  columns: rowColumns<ProgressRow>({
    view: { counts: 'jsonb', arrivals: 'jsonb', lastAt: 'text?' },
  }),
  indexes: {},
}
