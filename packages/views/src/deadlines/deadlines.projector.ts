import { type Deadline, deadlineEventTypes, foldDeadlines } from '@portcullis/domain'
import { type Projection, projection, wholeTable } from '../projector/projection.ts'
import { pathOf, type RowTable, upsertInto } from '../projector/rowTable.ts'

const deadlines: RowTable<Deadline> = {
  name: 'deadlines',
  columns: [
    { name: 'key', type: 'text', of: (deadline) => deadline.key },
    { name: 'kind', type: 'text', of: (deadline) => deadline.kind },
    { name: 'due_at', type: 'text', of: (deadline) => deadline.dueAt },
    { name: 'stream', type: 'text', of: (deadline) => deadline.stream },
  ],
  // Starts before everything else of the same instant.
  indexes: { due: `(due_at, (kind <> 'start'), key)` },
}

/** Everything that will be due, and nothing that is settled: the alarm clock is set from here (promise 5). */
export const deadlinesProjection: Projection = projection({
  name: 'deadlines',
  version: 3,
  byStream: { shared: [] },
  handles: deadlineEventTypes,
  tables: [deadlines],
  views: [wholeTable('deadlines')],
  open: (place) => {
    const table = pathOf(place, deadlines)
    const save = upsertInto(place, deadlines)
    return {
      forget: () => {},
      apply: async (events, tx) => {
        const { clear, clearPrefixes, set } = foldDeadlines(events)
        if (clear.length > 0) {
          await tx.query(`delete from ${table} where key = any($1::text[])`, [clear])
        }
        if (clearPrefixes.length > 0) {
          // Keys are made of letters, digits, "_", "-", "." and ":", all of which sort before "~".
          await tx.query(
            `delete from ${table} using unnest($1::text[]) as cleared(prefix)
             where key >= cleared.prefix collate "C" and key < (cleared.prefix || '~') collate "C"`,
            [clearPrefixes],
          )
        }
        await save(tx, set)
      },
    }
  },
})
