import type { Instant } from '@portcullis/core'
import { sql } from 'kysely'
import type { OverdueView } from '../rows.ts'
import type { ViewsSql } from './database.ts'

/** What an answer goes on behind. */
export type OverdueCursor = Pick<OverdueView, 'dueAt' | 'key'>

/** The second look at time: asked of assignments and requests themselves, whatever the deadlines view holds. */
export interface OverdueQueries {
  /**
   * What should have ended, started or timed out before `dueBefore` and shows no sign of it, the earliest first, then
   * by key. What it costs depends on how much that is, not on how much there is.
   * @param after continues behind the last one of an earlier answer
   */
  overdue(options: {
    readonly dueBefore: Instant
    readonly limit: number
    readonly after?: OverdueCursor | undefined
  }): Promise<readonly OverdueView[]>
}

export const overdueQueries = (db: ViewsSql): OverdueQueries => ({
  overdue: ({ dueBefore, limit, after }) => {
    const ends = db
      .selectFrom('assignments')
      .select(OF_ASSIGNMENT)
      .select([
        sql<OverdueView['kind']>`'expiry'`.as('kind'),
        sql<string>`('expiry:' || id || ':' || end_version) collate "C"`.as('key'),
        sql<Instant>`end_at`.as('dueAt'),
      ])
      .where('active', '=', true)
      .where('end_at', '<', dueBefore)
    const starts = db
      .selectFrom('assignments')
      .select(OF_ASSIGNMENT)
      .select([
        sql<OverdueView['kind']>`'start'`.as('kind'),
        sql<string>`('start:' || id) collate "C"`.as('key'),
        'start_at as dueAt',
      ])
      // As the index says it.
      .where(sql<boolean>`status = 'Scheduled'`)
      .where('start_at', '<', dueBefore)
    const approvals = db
      .selectFrom('requests')
      .select(['id', 'package_id as packageId', 'subject_id as subjectId'])
      .select([
        sql<OverdueView['kind']>`'approval'`.as('kind'),
        sql<string>`('approval:' || id || ':' || stage) collate "C"`.as('key'),
        sql<Instant>`decide_by`.as('dueAt'),
      ])
      .where('open_approvers', 'is not', null)
      .where('decide_by', '<', dueBefore)
    // Each source by its own index: at most `limit` of each are looked at.
    const first = (source: typeof ends | typeof starts | typeof approvals) => {
      let query = db.selectFrom(source.as('source')).selectAll()
      if (after !== undefined)
        query = query
          .where('dueAt', '>=', after.dueAt)
          .where(sql<boolean>`("dueAt", key) > (${after.dueAt}, ${after.key})`)
      return query.orderBy('dueAt').orderBy('key').limit(limit)
    }
    return db
      .selectFrom(first(ends).as('an_end'))
      .selectAll()
      .unionAll(db.selectFrom(first(starts).as('a_start')).selectAll())
      .unionAll(db.selectFrom(first(approvals).as('an_approval')).selectAll())
      .orderBy('dueAt')
      .orderBy('key')
      .limit(limit)
      .execute()
  },
})

const OF_ASSIGNMENT = ['id', 'package_id as packageId', 'subject_id as subjectId'] as const
