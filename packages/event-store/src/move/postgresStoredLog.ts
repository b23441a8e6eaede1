import type { JsonObject, Position } from '@portcullis/core'
import { createPool, inTransaction, LOCK, migrate } from '@portcullis/postgres'
import { migrations, PART } from '../postgres/schema.ts'
import { LogChanged, type StoredEvent, type StoredLog } from './storedLog.ts'

interface Row {
  readonly position: string
  readonly stream: string
  readonly revision: string
  readonly id: string
  readonly type: string
  readonly data: JsonObject
  readonly metadata: JsonObject
  readonly recorded_at: string
}

const PAGE = 1_000

const READ = `select position, stream, revision, id, type, data, metadata,
    to_char(recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as recorded_at
  from portcullis_events.events where position > $1 order by position limit ${PAGE}`

const WRITE = `insert into portcullis_events.events (position, stream, revision, id, type, data, metadata, recorded_at)
  select $1::bigint + n.place, n.stream, n.revision, n.id, n.type, n.data, n.metadata, n.recorded_at
    from unnest($2::text[], $3::bigint[], $4::uuid[], $5::text[], $6::json[], $7::json[], $8::timestamptz[])
      with ordinality n (stream, revision, id, type, data, metadata, recorded_at, place)`

/**
 * The log in PostgreSQL, as it is stored. Brings its table up to date first.
 * @param url as in `postgresql://user:password@host:5432/database`
 */
export const openPostgresStoredLog = async (url: string): Promise<StoredLog> => {
  const pool = createPool(url, { max: 2, applicationName: 'portcullis move' })
  try {
    await migrate(pool, PART, migrations)
  } catch (error) {
    await pool.end()
    throw error
  }
  const name = 'PostgreSQL'
  return {
    name,
    pages: async function* (after) {
      for (let position = after.toString(); ; ) {
        const { rows } = await pool.query<Row>({
          name: 'portcullis-stored',
          text: READ,
          values: [position],
        })
        const last = rows.at(-1)
        if (last === undefined) return
        position = last.position
        yield rows.map(toStored)
      }
    },
    end: async () => {
      const { rows } = await pool.query<{ position: string }>(
        'select coalesce(max(position), 0) as position from portcullis_events.events',
      )
      const position = BigInt(rows[0]?.position ?? 0)
      // Positions have no gaps.
      return { position, events: Number(position) }
    },
    fill: (events, after) =>
      inTransaction(pool, async (tx) => {
        await tx.query('select pg_advisory_xact_lock($1)', [LOCK.positions])
        const { rows } = await tx.query<{ position: string }>(
          'select coalesce(max(position), 0) as position from portcullis_events.events',
        )
        const held = Number(rows[0]?.position ?? 0)
        if (held !== after)
          throw new LogChanged(name, `it holds ${held} events where this move has left ${after}`)
        await tx.query({
          name: 'portcullis-fill',
          text: WRITE,
          values: [
            after,
            events.map(({ stream }) => stream),
            events.map(({ revision }) => revision),
            events.map(({ id }) => id),
            events.map(({ type }) => type),
            events.map(({ data }) => JSON.stringify(data)),
            events.map(({ metadata }) => JSON.stringify(metadata)),
            events.map(({ recordedAt }) => recordedAt),
          ],
        })
      }),
    placeAt: async (position) => {
      const { rows } = await pool.query<Pick<Row, 'stream' | 'revision'>>(
        'select stream, revision from portcullis_events.events where position = $1',
        [position],
      )
      return rows[0] && { stream: rows[0].stream, revision: BigInt(rows[0].revision) }
    },
    positionOf: async ({ stream, revision }): Promise<Position | undefined> => {
      const { rows } = await pool.query<Pick<Row, 'position'>>(
        'select position from portcullis_events.events where stream = $1 and revision = $2',
        [stream, revision],
      )
      return rows[0] && BigInt(rows[0].position)
    },
    close: () => pool.end(),
  }
}

const toStored = ({ position, revision, recorded_at, ...row }: Row): StoredEvent => ({
  ...row,
  position: BigInt(position),
  revision: BigInt(revision),
  recordedAt: recorded_at,
})
