import { formatPosition, type Instant, toMillis } from '@portcullis/core'
import type { Sql } from '@portcullis/postgres'
import { type FoldedTable, foldTable, type Row, rowColumns } from '../projector/foldTable.ts'
import { type Projection, projection, type ViewEvent, wholeTable } from '../projector/projection.ts'
import { type RowTable, upsertInto } from '../projector/rowTable.ts'
import { ofTypes } from '../projector/selectEvents.ts'
import { foldGrant } from './grants.fold.ts'
import { type Removal, removalOf } from './grants.open.fold.ts'
import { type GrantRow, type GrantViewEvent, grantEventTypes, grantIdOf } from './grants.row.ts'
import { grants } from './grants.tables.ts'

/** One assignment's hold on one grant, kept after its release: an ended assignment still shows what it conferred. */
interface Hold {
  readonly assignmentId: string
  readonly grantId: string
  readonly held: boolean
  /** The assignment confers the role, or did until it ended; false once the package has lost the role before (S6). */
  readonly conferred: boolean
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
    { name: 'conferred', type: 'boolean', of: (hold) => hold.conferred },
    { name: 'updated_at', type: 'text', of: (hold) => hold.updatedAt },
  ],
  indexes: { assignment: '(assignment_id, grant_id)', newest: '(updated_at) where held' },
}

/**
 * What the event says of a hold; undefined for other events, and for the release of what wasn't held: the end of an
 * assignment is noted there too.
 */
const holdOf = (before: GrantRow | undefined, event: GrantViewEvent): Hold | undefined => {
  if (event.type !== 'HoldAdded.v1' && event.type !== 'HoldReleased.v1') return undefined
  const { assignmentId } = event.data
  const held = event.type === 'HoldAdded.v1'
  if (!held && before?.view.holderIds.includes(assignmentId) !== true) return undefined
  return {
    assignmentId,
    grantId: grantIdOf(event),
    held,
    conferred: held || event.data.reason === 'assignment-ended',
    updatedAt: event.metadata.at,
  }
}

/** When an assignment ended: due, if that was why. Holds are released some time after. */
type EndRow = Row<{ readonly id: string; readonly endedAt: Instant }, object>

const ends: FoldedTable<EndRow> = {
  name: 'assignment_ends',
  columns: rowColumns<EndRow>({ view: { endedAt: 'text' } }),
  indexes: {},
}

type EndEvent = Extract<ViewEvent, { type: 'AssignmentEnded.v2' }>

const endOf = (event: EndEvent): EndRow => {
  const { assignmentId, reason, endAt } = event.data
  const { at } = event.metadata
  // The engine may have been down when it was due.
  const endedAt = reason === 'expired' && endAt !== null && endAt < at ? endAt : at
  return { seq: formatPosition(event.position), view: { id: assignmentId, endedAt }, state: {} }
}

const removals: RowTable<Removal> = {
  name: 'removals',
  columns: [
    { name: 'id', type: 'text', of: ({ id }) => id },
    { name: 'resource_id', type: 'text', of: ({ resourceId }) => resourceId },
    { name: 'role_id', type: 'text', of: ({ roleId }) => roleId },
    { name: 'subject_id', type: 'text', of: ({ subjectId }) => subjectId },
    { name: 'ended_at', type: 'text', of: ({ endedAt }) => endedAt },
    { name: 'removed_at', type: 'text', of: ({ removedAt }) => removedAt },
    // A clock that went back in between took no time.
    {
      name: 'lag_millis',
      type: 'bigint',
      of: ({ endedAt, removedAt }) => Math.max(0, toMillis(removedAt) - toMillis(endedAt)),
    },
  ],
  indexes: { lag: '(resource_id, lag_millis)', removed: '(removed_at)' },
}

const endTypes = ['AssignmentEnded.v2'] as const

/**
 * Who has which resource role, who holds it and what the target says (promises 2 and 4); and how long access outlived
 * its end.
 */
export const grantsProjection: Projection = projection({
  name: 'grants',
  version: 4,
  handles: [...grantEventTypes, ...endTypes],
  // Grants of all parts look up the ends of assignments, which are in other streams.
  byStream: { shared: endTypes },
  tables: [grants, holds, ends, removals],
  views: [wholeTable('grants'), wholeTable('grant_holds'), wholeTable('removals')],
  open: (place) => {
    const rows = foldTable(place, grants)
    const endRows = foldTable(place, ends)
    const saveHolds = upsertInto(place, holds)
    const saveRemovals = upsertInto(place, removals)
    return {
      forget: () => {
        rows.forget()
        endRows.forget()
      },
      apply: async (events, tx: Sql) => {
        for (const event of ofTypes(events, endTypes)) endRows.put(endOf(event))
        const own = ofTypes(events, grantEventTypes)
        await rows.ensure(tx, own.map(grantIdOf))
        await endRows.ensure(tx, own.flatMap(releasedByEnd))
        const gone: Removal[] = []
        const changedHolds = new Map<string, Hold>()
        for (const event of own) {
          const before = rows.find(grantIdOf(event))
          const [ended] = releasedByEnd(event)
          const end = ended === undefined ? undefined : endRows.find(ended)?.view.endedAt
          const after = foldGrant(before, event, end)
          rows.put(after)
          const hold = holdOf(before, event)
          if (hold !== undefined) changedHolds.set(holdId(hold), hold)
          const removal = removalOf(before, after, event)
          if (removal !== undefined) gone.push(removal)
        }
        await rows.flush(tx)
        await endRows.flush(tx)
        await saveHolds(tx, [...changedHolds.values()])
        await saveRemovals(tx, gone)
      },
    }
  },
})

/** The assignment that lets go because it ended. */
const releasedByEnd = (event: GrantViewEvent): readonly string[] =>
  event.type === 'HoldReleased.v1' && event.data.reason === 'assignment-ended'
    ? [event.data.assignmentId]
    : []
