import { versionsAlike } from '@portcullis/domain'
import { type FoldedTable, rowColumns } from '../projector/foldTable.ts'
import { type PackageRow, requestorTokens } from './packages.fold.ts'

export const packages: FoldedTable<PackageRow> = {
  name: 'packages',
  columns: rowColumns<PackageRow>({
    view: {
      catalogId: 'text',
      displayName: 'text',
      description: 'text',
      hidden: 'boolean',
      rolesVersion: 'integer',
      resourceRoles: 'jsonb',
      policies: 'jsonb',
      createdAt: 'text',
      deletedAt: 'text?',
    },
    state: { updatedAt: 'text', rollOut: 'jsonb', startedRoles: 'jsonb' },
    computed: [
      { name: 'requestors', type: 'jsonb', of: requestorTokens },
      { name: 'started_version', type: 'integer', of: ({ state }) => state.rollOut.startedVersion },
      { name: 'paused', type: 'boolean', of: ({ state }) => state.rollOut.paused },
      { name: 'waiting', type: 'text', nullable: true, of: ({ state }) => state.rollOut.waiting },
      { name: 'alike', type: 'jsonb', of: ({ state }) => versionsAlike(state.rollOut) },
    ],
  }),
  indexes: {
    seq: '(seq)',
    catalog: '(catalog_id, seq)',
    requestor: 'using gin (requestors)',
    deleted: '(id) where deleted_at is not null',
    waiting: '(id) where waiting is not null',
  },
}
