import type { Sql } from '@portcullis/postgres'
import { type FoldedTable, foldTable, rowColumns } from '../projector/foldTable.ts'
import { type Projection, projection, wholeTable } from '../projector/projection.ts'
import { type RowTable, upsertInto } from '../projector/rowTable.ts'
import { ofTypes } from '../projector/selectEvents.ts'
import {
  foldGrant,
  type GrantRow,
  type GrantViewEvent,
  grantEventTypes,
  grantIdOf,
  waitOf,
} from './grants.fold.ts'

const grants: FoldedTable<GrantRow> = {
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
      failedAttempts: 'integer',
      lastError: 'jsonb?',
      retryAt: 'text?',
      settled: 'boolean',
      updatedAt: 'text',
    },
    state: { known: 'boolean', failed: 'jsonb?' },
    computed: [{ name: 'wait', type: 'text', nullable: true, of: waitOf }],
  }),
  indexes: {
    subject: '(subject_id, seq)',
    unsettled: '(id) where not settled',
  },
}

/** One assignment's hold on one grant, kept after its release: an ended assignment still shows what it conferred. */
interface Hold {
  readonly assignmentId: string
  readonly grantId: string
  readonly held: boolean
  readonly updatedAt: string
}

const holdId = (hold: Pick<Hold, 'assignmentId' | 'grantId'>): string =>
  `${hold.assignmentId}:${hold.grantId}`

const holds: RowTable<Hold> = {
  name: 'grant_holds',
  columns: [
    { name: 'id', type: 'text', of: holdId },
    { name: 'assignment_id', type: 'text', of: (hold) => hold.assignmentId },
    { name: 'grant_id', type: 'text', of: (hold) => hold.grantId },
    { name: 'held', type: 'boolean', of: (hold) => hold.held },
    { name: 'updated_at', type: 'text', of: (hold) => hold.updatedAt },
  ],
  indexes: { assignment: '(assignment_id, grant_id)', held: '(assignment_id) where held' },
}

/** The last word of the batch on each hold. */
const holdsOf = (events: readonly GrantViewEvent[]): readonly Hold[] => {
  const last = new Map<string, Hold>()
  for (const event of events) {
    if (event.type !== 'HoldAdded.v1' && event.type !== 'HoldReleased.v1') continue
    const hold = {
      assignmentId: event.data.assignmentId,
      grantId: grantIdOf(event),
      held: event.type === 'HoldAdded.v1',
      updatedAt: event.metadata.at,
    }
    last.set(holdId(hold), hold)
  }
  return [...last.values()]
}

/** Who has which resource role, who holds it and what the target says (promises 2 and 4). */
export const grantsProjection: Projection = projection({
  name: 'grants',
  version: 1,
  handles: grantEventTypes,
  tables: [grants, holds],
  views: [wholeTable('grants'), wholeTable('grant_holds')],
  open: (place) => {
    const rows = foldTable(place, grants)
    const saveHolds = upsertInto(place, holds)
    return {
      forget: rows.forget,
      apply: async (events, tx: Sql) => {
        const own = ofTypes(events, grantEventTypes)
        await rows.ensure(tx, own.map(grantIdOf))
        for (const event of own) rows.put(foldGrant(rows.find(grantIdOf(event)), event))
        await rows.flush(tx)
        await saveHolds(tx, holdsOf(own))
      },
    }
  },
})
