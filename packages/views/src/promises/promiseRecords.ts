import { START } from '@portcullis/core'
import { LOCK_SPACE, tryLock } from '@portcullis/postgres'
import type { Broken, CheckState, Group, PromiseRecords } from '@portcullis/promises'
import type pg from 'pg'

/** Groups with something broken whose sentences are read: more than a report tells. */
const MOST_BROKEN = 1_000

export const createPromiseRecords = (pool: pg.Pool): PromiseRecords => ({
  withLock: async (work) =>
    (await tryLock(pool, LOCK_SPACE.promiseCheck, 'check', work)) !== undefined,
  state: async () => {
    const { rows } = await pool.query<Omit<CheckState, 'position' | 'events'> & StoredCounts>(
      `select position, events, engine_at as "engineAt", fired_until as "firedUntil", began_at as "beganAt", ended_at as "endedAt"
        from portcullis_promises.state`,
    )
    const [row] = rows
    return row === undefined
      ? NOTHING_READ
      : { ...row, position: BigInt(row.position), events: Number(row.events) }
  },
  reset: async () => {
    await pool.query('truncate portcullis_promises.state, portcullis_promises.groups')
  },
  read: async (streams, state) => {
    const groups = [...streams].map(([key, names]) => ({ key, streams: [...names] }))
    // One statement: both or neither.
    await pool.query(
      `with noted as (
        insert into portcullis_promises.groups as known (key, streams, dirty)
        select key, array(select jsonb_array_elements_text(streams)), true
          from jsonb_to_recordset($1::jsonb) as seen(key text, streams jsonb)
        on conflict (key) do update set dirty = true, streams = case
          when known.streams @> excluded.streams then known.streams
          else array(select distinct unnest(known.streams || excluded.streams)) end)
      insert into portcullis_promises.state (position, events, engine_at, fired_until, began_at)
        values ($2, $3, $4, $5, $6)
        on conflict (one) do update set position = excluded.position, events = excluded.events, engine_at = excluded.engine_at,
          fired_until = excluded.fired_until, began_at = excluded.began_at`,
      [
        JSON.stringify(groups),
        state.position.toString(),
        state.events,
        state.engineAt,
        state.firedUntil,
        state.beganAt,
      ],
    )
  },
  due: async (now, after, limit) => {
    const { rows } = await pool.query<Group>(
      `select key, streams from portcullis_promises.groups where (dirty or recheck_at <= $1) and key > $2 order by key limit $3`,
      [now, after, limit],
    )
    return rows
  },
  countDue: async (now) => {
    const { rows } = await pool.query<{ readonly count: string }>(
      'select count(*) from portcullis_promises.groups where dirty or recheck_at <= $1',
      [now],
    )
    return Number(rows[0]?.count ?? 0)
  },
  judged: async (verdicts) => {
    await pool.query(
      `update portcullis_promises.groups as known set dirty = false, recheck_at = said."recheckAt",
          checked = array(select jsonb_array_elements_text(said.checked)::integer), broken = said.broken
        from jsonb_to_recordset($1::jsonb) as said(key text, "recheckAt" text, checked jsonb, broken jsonb)
        where known.key = said.key`,
      [
        JSON.stringify(
          verdicts.map((each) => ({
            ...each,
            broken: each.broken.length === 0 ? undefined : each.broken,
          })),
        ),
      ],
    )
  },
  ended: async (at) => {
    await pool.query('update portcullis_promises.state set ended_at = $1', [at])
  },
  results: async () => {
    const [facts, broken] = await Promise.all([
      pool.query<{ readonly promise: string; readonly facts: string }>(
        `select promise, sum(facts) as facts from portcullis_promises.groups,
          unnest(checked) with ordinality as looked(facts, promise) group by promise order by promise`,
      ),
      pool.query<{ readonly broken: readonly Broken[] }>(
        'select broken from portcullis_promises.groups where broken is not null order by key limit $1',
        [MOST_BROKEN],
      ),
    ])
    return {
      checked: facts.rows.map((row) => Number(row.facts)),
      broken: broken.rows.flatMap((row) => row.broken),
    }
  },
})

interface StoredCounts {
  readonly position: string
  readonly events: string
}

const NOTHING_READ: CheckState = {
  position: START,
  events: 0,
  engineAt: null,
  firedUntil: null,
  beganAt: null,
  endedAt: null,
}
