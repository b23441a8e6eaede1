import { rowColumns } from '../projector/foldTable.ts'
import type { PlainView } from '../projector/projection.ts'
import type { RowTable } from '../projector/rowTable.ts'
import { type AssignmentRow, hasEnded, isActive } from './assignments.fold.ts'
import type { RequestRow } from './requests.fold.ts'

/** Who may decide now, as tokens `user:<id>` and `group:<id>`; null when nobody is asked. */
const openApprovers = ({ view }: RequestRow): string | null =>
  view.status === 'PendingApproval'
    ? JSON.stringify([
        ...view.approverIds.map((id) => `user:${id}`),
        ...view.approverGroupIds.map((id) => `group:${id}`),
      ])
    : null

export const requests: RowTable<RequestRow> = {
  name: 'requests',
  columns: rowColumns<RequestRow>(
    { name: 'package_id', type: 'text', of: ({ view }) => view.packageId },
    { name: 'subject_id', type: 'text', of: ({ view }) => view.subjectId },
    { name: 'requestor_id', type: 'text', of: ({ view }) => view.requestorId },
    { name: 'status', type: 'text', of: ({ view }) => view.status },
    { name: 'approvers', type: 'jsonb', nullable: true, of: openApprovers },
    { name: 'updated_at', type: 'text', of: ({ view }) => view.updatedAt },
  ),
  indexes: {
    seq: '(seq)',
    package: '(package_id, seq)',
    subject: '(subject_id, seq)',
    requestor: '(requestor_id, seq)',
    approver: 'using gin (approvers) where approvers is not null',
  },
}

export const requestsView: PlainView = {
  name: 'requests',
  select: (stored) => `
    select id, seq, view->>'kind' as kind, package_id, subject_id, requestor_id, view->>'policyId' as policy_id,
      (view->'policyVersion')::int as policy_version, status, view->>'subStatus' as sub_status,
      view->>'justification' as justification, (view->>'stage')::int as stage, view->>'decideBy' as decide_by,
      approvers, view->>'decidedBy' as decided_by, view->>'decidedAt' as decided_at,
      view->>'decisionJustification' as decision_justification, view->>'assignmentId' as assignment_id,
      view->'fulfilmentErrors' as fulfilment_errors, view->>'submittedAt' as submitted_at, updated_at, view
    from ${stored('requests')}`,
}

export const assignments: RowTable<AssignmentRow> = {
  name: 'assignments',
  columns: rowColumns<AssignmentRow>(
    { name: 'entitlement_id', type: 'text', of: ({ view }) => view.entitlementId },
    { name: 'package_id', type: 'text', of: ({ view }) => view.packageId },
    { name: 'subject_id', type: 'text', of: ({ view }) => view.subjectId },
    { name: 'status', type: 'text', of: ({ view }) => view.status },
    { name: 'active', type: 'boolean', of: ({ view }) => isActive(view) },
    { name: 'ended', type: 'boolean', of: ({ view }) => hasEnded(view) },
    { name: 'settled', type: 'boolean', of: ({ view }) => view.settled },
    { name: 'roles_version', type: 'integer', of: ({ view }) => view.rolesVersion },
    { name: 'updated_at', type: 'text', of: ({ view }) => view.updatedAt },
  ),
  indexes: {
    seq: '(seq)',
    package: '(package_id, seq)',
    subject: '(subject_id, seq)',
    active: '(package_id, roles_version) where active',
    unsettled: '(entitlement_id) where not settled',
  },
}

export const assignmentsView: PlainView = {
  name: 'assignments',
  select: (stored) => `
    select id, seq, entitlement_id, package_id, subject_id, view->>'requestId' as request_id,
      view->>'policyId' as policy_id, (view->'policyVersion')::int as policy_version, status, active, ended,
      view->>'startAt' as start_at, view->>'endAt' as end_at, (view->'endVersion')::int as end_version,
      view->>'endedAt' as ended_at, settled, roles_version, updated_at, view
    from ${stored('assignments')}`,
}
