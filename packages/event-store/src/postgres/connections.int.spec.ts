import { NO_STREAM } from '@portcullis/core'
import { contractEvent, contractEventSchemas, follow } from '@portcullis/core/contracts'
import { inTransaction } from '@portcullis/postgres'
import { isAwaited, type TestDatabase, testDatabase } from '@portcullis/postgres/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createCodec } from '../codec.ts'
import { createLogSignal } from '../logSignal.ts'
import { createLogNotifications } from './logNotifications.ts'
import { createPostgresEventStore } from './postgresEventStore.ts'

const codec = createCodec(contractEventSchemas)
const PATIENCE = { timeout: 30_000, interval: 5 }

describe('PostgreSQL event store and its connections', () => {
  let database: TestDatabase
  beforeEach(async () => {
    database = await testDatabase()
  })
  afterEach(() => database.close())

  const backends = async (like: string): Promise<number[]> =>
    (
      await database.pool.query<{ pid: number }>(
        'select pid from pg_stat_activity where datname = current_database() and application_name like $1',
        [like],
      )
    ).rows.map(({ pid }) => pid)

  const terminate = async (like: string): Promise<void> => {
    for (const pid of await backends(like))
      await database.pool.query('select pg_terminate_backend($1)', [pid])
  }

  it('sends an append again when the connection died before the answer, and writes it once', async () => {
    const store = await createPostgresEventStore({ url: database.url, codec })
    const first = [contractEvent('s', 0), contractEvent('s', 1)]
    await inTransaction(database.pool, async (sql) => {
      // Everything that appends a group waits behind this lock.
      await sql.query('select pg_advisory_xact_lock(7274011003)')
      const append = store.append('s', NO_STREAM, first)
      append.catch(() => {})
      await vi.waitUntil(() => isAwaited(database.pool), PATIENCE)
      await terminate('portcullis events append')
    })
    await store.append('s', 1n, [contractEvent('s', 2)]).catch(async () => {
      // It went first and found no stream: the other is still on its way.
      await vi.waitUntil(async () => (await store.readStream('s')).length === 2, PATIENCE)
      await store.append('s', 1n, [contractEvent('s', 2)])
    })
    expect((await store.readStream('s')).map(({ data }) => data)).toEqual([
      { n: 0 },
      { n: 1 },
      { n: 2 },
    ])
    await store.close()
  })

  it('goes on following when its connections are lost', async () => {
    const store = await createPostgresEventStore({ url: database.url, codec })
    const following = follow(store)
    for (let n = 0; n < 5; n += 1) {
      await store.append('s', n === 0 ? NO_STREAM : BigInt(n - 1), [contractEvent('s', n)])
      await vi.waitUntil(() => following.events().length === n + 1, PATIENCE)
      await terminate('portcullis events%')
    }
    await following.end()
    expect(following.events().map(({ data }) => data)).toEqual([0, 1, 2, 3, 4].map((n) => ({ n })))
    await store.close()
  })

  it('wakes other processes without their polling, also after the listening connection was lost', async () => {
    const signals = [createLogSignal(), createLogSignal()]
    const [teller, listener] = signals.map((signal, index) =>
      createLogNotifications({
        url: database.url,
        applicationName: `wake ${index}`,
        signal,
        head: async () => 0n,
      }),
    )
    listener?.listen()
    const never = new AbortController().signal
    // Told again until it is heard: a connection is there a moment before it listens, and what is told in between goes
    // by.
    const heard = async (position: bigint): Promise<void> => {
      let arrived = false
      void signals[1]?.waitBeyond(position - 1n, never).then(() => {
        arrived = true
      })
      await vi.waitUntil(() => {
        if (!arrived) teller?.announce(position)
        return arrived
      }, PATIENCE)
    }
    await vi.waitUntil(async () => (await backends('wake 1%')).length === 1, PATIENCE)
    const [before] = await backends('wake 1%')
    await heard(1n)
    await heard(2n)
    await terminate('wake 1%')
    await vi.waitUntil(async () => {
      const [now] = await backends('wake 1%')
      return now !== undefined && now !== before
    }, PATIENCE)
    await heard(3n)
    await teller?.close()
    await listener?.close()
  })

  it('refuses to change, delete or truncate events', async () => {
    const store = await createPostgresEventStore({ url: database.url, codec })
    await store.append('s', NO_STREAM, [contractEvent('s', 0)])
    const table = 'portcullis_events.events'
    for (const statement of [
      `update ${table} set type = 'x'`,
      `delete from ${table}`,
      `truncate ${table}`,
    ])
      await expect(database.pool.query(statement)).rejects.toThrow(/never changed or deleted/)
    expect(await store.readStream('s')).toHaveLength(1)
    await store.close()
  })

  it('writes to disk before it answers, whatever the default of the database', async () => {
    await database.pool.query(
      `do $$ begin execute 'alter database ' || current_database() || ' set synchronous_commit = off'; end $$`,
    )
    const store = await createPostgresEventStore({ url: database.url, codec })
    const settings: string[] = []
    await database.pool.query(
      `create function portcullis_events.note() returns trigger language plpgsql as $$
        begin perform pg_notify('setting', current_setting('synchronous_commit')); return null; end $$;
      create trigger note after insert on portcullis_events.events execute function portcullis_events.note()`,
    )
    const client = await database.pool.connect()
    client.on('notification', ({ payload }) => settings.push(payload ?? ''))
    await client.query('listen setting')
    await store.append('s', NO_STREAM, [contractEvent('s', 0)])
    await vi.waitUntil(() => settings.length > 0, PATIENCE)
    expect(settings).toEqual(['on'])
    client.release()
    await store.close()
  })

  it('never appends over a position or a place that another process took', async () => {
    const stores = await Promise.all(
      [1, 2].map(() => createPostgresEventStore({ url: database.url, codec })),
    )
    const [one, other] = stores
    if (one === undefined || other === undefined) throw new Error('two stores are needed')
    // Both learn where the log ends, then one of them writes behind the other's back.
    await one.append('a', NO_STREAM, [contractEvent('a', 0)])
    await other.append('b', NO_STREAM, [contractEvent('b', 0)])
    await one.append('a', 0n, [contractEvent('a', 1)])
    const { position } = await other.append('b', 0n, [contractEvent('b', 1)])
    expect(position).toBe(4n)
    await expect(other.append('a', 0n, [contractEvent('a', 9)])).rejects.toThrow(/is at revision 1/)
    await expect(one.append('b', 4n, [contractEvent('b', 9)])).rejects.toThrow(/is at revision 1/)
    await Promise.all(stores.map((store) => store.close()))
  })
})
