import { inTransaction } from '@portcullis/postgres'
import type { Runtime } from '@portcullis/runtime'
import { PEOPLE } from './commands/organisation.ts'

/**
 * Fills the views with assignments, each with its request, one grant and its hold, as if they had come of a log: lists
 * and downloads don't see the difference.
 * A hundredth is partly delivered, a fifth has expired.
 */
export const fillAssignments = async ({ pool }: Runtime, count: number): Promise<void> => {
  const rows = `select i, 'package-' || (i / ${PEOPLE}) % 20 as package, 'person-' || i % ${PEOPLE} as subject,
      1 + i / (${PEOPLE} * 20) as number,
      case when i % 100 = 7 then 'PartiallyDelivered' when i % 5 = 0 then 'Expired' else 'Delivered' end as status,
      to_char(timestamp '2026-01-01' + i * interval '1 minute', 'YYYY-MM-DD"T"HH24:MI:SS".000Z"') as at
    from generate_series(0, ${count - 1}) as i`
  await inTransaction(pool, async (tx) => {
    await tx.query(`insert into portcullis_views.assignments
      (id, seq, entitlement_id, package_id, subject_id, request_id, policy_id, policy_version, status, start_at, end_at,
       end_version, ended_at, settled, roles_version, updated_at, delivered, revoked, active, ongoing,
       ended)
      select package || '.' || subject || '.a' || number, 1000000 + i, package || '.' || subject, package, subject,
        package || '.' || subject || '.r' || number, 'standard', 1, status, at, null, 1, null, true, 1, at, true, true,
        status <> 'Expired', status <> 'Expired', status = 'Expired' from (${rows}) as rows`)
    await tx.query(`insert into portcullis_views.requests
      (id, seq, kind, package_id, subject_id, requestor_id, policy_id, policy_version, status, sub_status, justification,
       stage, decide_by, approver_ids, approver_group_ids, decided_by, decided_at, decision_justification, assignment_id,
       fulfilment_errors, submitted_at, updated_at, stages, over, open_approvers)
      select package || '.' || subject || '.r' || number, 1000000 + i, case when i % 1000 = 3 then 'direct' else 'new' end,
        package, subject, subject, 'standard', 1,
        case when status = 'PartiallyDelivered' then 'Unfulfilled' else 'Fulfilled' end,
        case when status = 'PartiallyDelivered' then 'PartiallyFulfilled' end, 'Needed for the launch.',
        null, null, '[]', '[]', null, at, null, package || '.' || subject || '.a' || number, '[]', at, at, '[]', false, null
      from (${rows}) as rows`)
    await tx.query(`insert into portcullis_views.grants
      (id, seq, resource_id, role_id, subject_id, holder_ids, actual, preexisting, operation, lease_until, failed_attempts,
       last_error, retry_at, settled, updated_at, known, failed, wait, released_ids)
      select distinct on (subject) 'wiki.editor.' || subject, 1000000 + i, 'wiki', 'editor', subject, '[]'::jsonb, 'present', false,
        null, null, 0, null::jsonb, null, true, at, true, null::jsonb, null, '[]'::jsonb from (${rows}) as rows order by subject, i`)
    await tx.query(`insert into portcullis_views.grant_holds (id, assignment_id, grant_id, held, conferred, updated_at)
      select package || '.' || subject || '.a' || number || ':wiki.editor.' || subject, package || '.' || subject || '.a' || number,
        'wiki.editor.' || subject, status <> 'Expired', true, at from (${rows}) as rows`)
  })
  for (const table of ['assignments_v5', 'requests_v5', 'grants_v4', 'grant_holds_v4'])
    await pool.query(`vacuum analyze portcullis_views.${table}`)
}
