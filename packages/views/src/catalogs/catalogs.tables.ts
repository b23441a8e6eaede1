import { type FoldedTable, rowColumns } from '../projector/foldTable.ts'
import type { CatalogRow } from './catalogs.fold.ts'

export const catalogs: FoldedTable<CatalogRow> = {
  name: 'catalogs',
  columns: rowColumns<CatalogRow>({
    view: {
      displayName: 'text',
      description: 'text',
      ownerIds: 'jsonb',
      packageManagerIds: 'jsonb',
      resourceIds: 'jsonb',
      createdAt: 'text',
    },
    computed: [
      {
        name: 'member_ids',
        type: 'jsonb',
        of: ({ view }) => [...view.ownerIds, ...view.packageManagerIds],
      },
    ],
  }),
  indexes: { seq: '(seq)', member: 'using gin (member_ids)' },
}
