import { type FoldedTable, rowColumns } from '../projector/foldTable.ts'
import { failingSinceOf, waitOf } from './grants.fold.ts'
import type { GrantRow } from './grants.row.ts'

export const grants: FoldedTable<GrantRow> = {
  name: 'grants',
  columns: rowColumns<GrantRow>({
    view: {
      resourceId: 'text',
      roleId: 'text',
      subjectId: 'text',
      holderIds: 'jsonb',
      actual: 'text',
      preexisting: 'boolean',
      operation: 'text?',
      leaseUntil: 'text?',
      awaitedOperationId: 'text?',
      awaitedSince: 'text?',
      failedAttempts: 'integer',
      lastError: 'jsonb?',
      retryAt: 'text?',
      drift: 'text?',
      receipt: 'text?',
      settled: 'boolean',
      updatedAt: 'text',
    },
    state: {
      known: 'boolean',
      failed: 'jsonb?',
      accountId: 'text?',
      openSince: 'text?',
      endedAt: 'text?',
      lastEnd: 'text?',
      releasedIds: 'jsonb',
    },
    computed: [
      { name: 'wait', type: 'text', nullable: true, of: waitOf },
      { name: 'failing_since', type: 'text', nullable: true, of: failingSinceOf },
    ],
  }),
  indexes: {
    subject: '(subject_id, seq)',
    unsettled: '(id) where not settled',
    drift: '(id) where drift is not null',
    account: '(resource_id, role_id, account_id) where account_id is not null',
    awaited: '(seq) where awaited_since is not null',
  },
}
