import type { Instant } from '@portcullis/core'
import { type ExpressionBuilder, type RawBuilder, sql } from 'kysely'
import type { DeadlineView } from '../rows.ts'
import type { ViewsDatabase, ViewsSql } from './database.ts'

/** What the alarm clock asks. */
export interface DueQueries {
  /**
   * Deadlines due at `now`, the earliest first, those of one instant starts first (promise 4: what begins then is there
   * before what ends then goes), then by key; `after` continues behind the last one of an earlier answer. A retry of
   * what nobody waits for any more isn't one.
   */
  dueDeadlines(
    now: Instant,
    limit: number,
    after?: Pick<DeadlineView, 'dueAt' | 'kind' | 'key'>,
  ): Promise<readonly DeadlineView[]>
  /**
   * When to set an alarm for what is due after `from` and up to `to`: the whole seconds at or right after its times,
   * the earliest first, each once.
   * So there are no more of them than seconds between the two, however many deadlines there are.
   */
  alarmSeconds(from: Instant, to: Instant): Promise<readonly Instant[]>
}

export const dueQueries = (db: ViewsSql): DueQueries => ({
  dueDeadlines: (now, limit, after) => {
    let query = db
      .selectFrom('deadlines')
      .select(['key', 'kind', 'due_at as dueAt', 'stream'])
      .where('due_at', '<=', now)
      .where(isWanted)
    if (after !== undefined) {
      query = query.where(
        sql<boolean>`(due_at, (kind <> 'start'), key) > (${after.dueAt}, ${after.kind !== 'start'}, ${after.key})`,
      )
    }
    return query
      .orderBy('due_at')
      .orderBy(sql`(kind <> 'start')`)
      .orderBy('key')
      .limit(limit)
      .execute()
  },
  alarmSeconds: (from, to) => alarmSeconds(db, from, to),
})

/**
 * A grant's retry loses its use when its holder goes and nothing was granted yet: no event says so, and the row would
 * be due for ever.
 * The view of grants may lag behind that of deadlines; a sweep finds what this leaves out meanwhile.
 */
const isWanted = ({ eb, or, exists, selectFrom }: ExpressionBuilder<ViewsDatabase, 'deadlines'>) =>
  or([
    eb('kind', '<>', 'retry'),
    exists(
      selectFrom('grants')
        .select('grants.id')
        .where('grants.id', '=', sql<string>`substr(key, ${'retry:'.length + 1})`)
        .where('grants.settled', '=', false),
    ),
  ])

/** The whole second at which, or next after which, something is due: an alarm mustn't ring before. */
const secondOf = sql<string>`(case when substr(due_at, 21, 3) = '000' then due_at else to_char(
  date_trunc('second', due_at::timestamptz at time zone 'UTC') + interval '1 second',
  'YYYY-MM-DD"T"HH24:MI:SS".000Z"') end) collate "C"`

/**
 * Leaps from each second to the next with something due: a look into the index for each alarm, however many deadlines
 * share one.
 */
const alarmSeconds = async (
  db: ViewsSql,
  from: Instant,
  to: Instant,
): Promise<readonly Instant[]> => {
  const firstAfter = (after: RawBuilder<string>) =>
    db
      .selectFrom('deadlines')
      .select(secondOf.as('second'))
      .where(sql<boolean>`due_at > ${after}`)
      .where('due_at', '<=', to)
      .where(isWanted)
      .orderBy('due_at')
      .limit(1)
  const { rows } = await sql<{ second: Instant }>`
    with recursive alarms(second) as (
      (${firstAfter(sql<string>`${from}`)})
      union all
      select (${firstAfter(sql<string>`alarms.second`)}) from alarms where alarms.second is not null
    )
    select second from alarms where second is not null`.execute(db)
  return rows.map((row) => row.second)
}
