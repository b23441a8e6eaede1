import { inTransaction } from '@portcullis/postgres'
import type pg from 'pg'

/** An event as it was read, its JSON parsed. */
export interface BareEvent {
  readonly position: string
  readonly stream: string
  readonly type: string
  readonly data: object
  readonly metadata: object
}

const BATCH = 5_000

/** Pages of the log in PostgreSQL, only events of these types. */
export async function* bareEvents(
  pool: pg.Pool,
  types: readonly string[],
): AsyncGenerator<readonly BareEvent[]> {
  for (let after = '0'; ; ) {
    const { rows } = await pool.query<BareEvent>(
      `select position, stream, type, data, metadata from portcullis_events.events
       where position > $1 and type = any($2) order by position limit ${BATCH}`,
      [after, types],
    )
    const last = rows.at(-1)
    if (last === undefined) return
    yield rows
    after = last.position
  }
}

/**
 * The plainest loop that fills a table from the log: each page's events, as they are, by one unnest upsert.
 * @param key `position`: a row for each event, as many row versions as a projector that folds nothing; `stream`: a row
 *   for each stream, with its last event in the page
 * @returns how many events
 */
export const bareProjection = async (
  pool: pg.Pool,
  pages: AsyncIterable<readonly BareEvent[]>,
  key: 'position' | 'stream',
): Promise<number> => {
  await pool.query(`drop table if exists bare;
    create table bare (position bigint not null, stream text collate "C" not null, type text not null,
      data jsonb not null, metadata jsonb not null, primary key (${key}))`)
  let handled = 0
  for await (const page of pages) {
    const kept =
      key === 'position' ? page : [...new Map(page.map((event) => [event.stream, event])).values()]
    await inTransaction(pool, async (tx) => {
      await tx.query('set local synchronous_commit = off')
      await tx.query(
        `insert into bare select * from unnest($1::bigint[], $2::text[], $3::text[], $4::jsonb[], $5::jsonb[])
         on conflict (${key}) do update set position = excluded.position, stream = excluded.stream,
           type = excluded.type, data = excluded.data, metadata = excluded.metadata`,
        [
          kept.map((event) => event.position),
          kept.map((event) => event.stream),
          kept.map((event) => event.type),
          kept.map((event) => JSON.stringify(event.data)),
          kept.map((event) => JSON.stringify(event.metadata)),
        ],
      )
    })
    handled += page.length
  }
  return handled
}
