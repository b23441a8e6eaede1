import { describeQueueContract } from '@portcullis/core/contracts'
import { type TestDatabase, testDatabase } from '@portcullis/postgres/testing'
import { describe, expect, it, vi } from 'vitest'
import { bullUnderTest, PATIENCE, testJobs } from './bull.fixture.ts'
import { describeFaults } from './faults.fixture.ts'
import { createPostgresBullBackend, JOBS_SCHEMA } from './postgresBackend.ts'

/** Empties every table of the queue, BullMQ's own ledger of migrations too. */
const truncateAll = async (database: TestDatabase): Promise<void> => {
  await database.pool.query(`do $$
    declare names text;
    begin
      select string_agg(format('%I.%I', schemaname, tablename), ', ') into names
        from pg_tables where schemaname = '${JOBS_SCHEMA}';
      if names is not null then execute 'truncate ' || names || ' cascade'; end if;
    end $$`)
}

describeQueueContract('BullMQ on PostgreSQL, tables truncated', async () => {
  const database = await testDatabase()
  return bullUnderTest(
    { kind: 'postgres', url: database.url },
    () => truncateAll(database),
    () => database.close(),
  )
})

const makeServer = async () => {
  const database = await testDatabase()
  return {
    server: { kind: 'postgres' as const, url: database.url },
    disconnect: async () => {
      await database.pool.query(`select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'portcullis-jobs' and datname = current_database()`)
    },
    stop: () => database.close(),
  }
}

describe('BullMQ on PostgreSQL, faults', () => {
  describeFaults(makeServer)

  it('extends the locks of its jobs beside a look for stalled ones, and neither is ended', async () => {
    const database = await testDatabase()
    const errors: Error[] = []
    const backend = createPostgresBullBackend(database.url, 4, (error) => errors.push(error))
    await backend.prepare()
    const queue = backend.factory('q', { connection: {} })
    await database.pool.query(
      `insert into "${JOBS_SCHEMA}".job (queue, id, seq, name, state, lock_token, locked_until_ms, added_at_ms)
       select 'q', id, 1, 'job', 'active', 'mine', 1, 0 from unnest(array['a', 'b']) as id`,
    )
    // The look has come to the second job, and comes to the first one when the extension has passed that.
    const look = await database.pool.connect()
    const mark = (id: string) =>
      look.query(
        `update "${JOBS_SCHEMA}".job set stalled_marked = true where queue = 'q' and id = $1`,
        [id],
      )
    await look.query('begin')
    await mark('b')
    const extended = queue.extendLocks(['a', 'b'], ['mine', 'mine'], 10_000)
    await vi.waitFor(async () => {
      const { rows } = await database.pool.query(
        `select 1 from pg_stat_activity where application_name = 'portcullis-jobs' and wait_event_type = 'Lock'`,
      )
      expect(rows).toHaveLength(1)
    }, PATIENCE)
    await mark('a')
    await look.query('commit')
    look.release()
    expect(await extended).toEqual([])
    expect(await queue.extendLocks(['b', 'a'], ['mine', 'not mine'], 10_000)).toEqual(['a'])
    await queue.close()
    await backend.close()
    await database.close()
    expect(errors).toEqual([])
  })

  it('has no connection left when it is closed', async () => {
    const database = await testDatabase()
    const jobs = testJobs({ kind: 'postgres', url: database.url })
    const queues = ['a', 'b', 'c', 'd']
    await Promise.all(
      queues.map((queue) => jobs.work({ queue, concurrency: 2, handler: async () => {} })),
    )
    const connections = async (): Promise<number> => {
      const { rows } = await database.pool.query(
        `select 1 from pg_stat_activity where application_name = $1 and datname = current_database()`,
        ['portcullis-jobs'],
      )
      return rows.length
    }
    // Workers connect in their own time.
    await vi.waitUntil(async () => (await connections()) > 1, { timeout: 60_000 })
    await jobs.close(1000)
    expect(await connections()).toBe(0)
    await database.close()
  })

  it('makes its tables anew when they were dropped, or emptied with their ledger before a start', async () => {
    const database = await testDatabase()
    const jobs = testJobs({ kind: 'postgres', url: database.url })
    let ran = 0
    const work = (client = jobs) =>
      client.work({
        queue: 'q',
        concurrency: 1,
        handler: async () => {
          ran += 1
        },
      })
    await work()
    // Deadlocks now and then with the worker at work.
    await vi.waitFor(() => database.pool.query(`drop schema ${JOBS_SCHEMA} cascade`), PATIENCE)
    await vi.waitFor(() => jobs.enqueue([{ queue: 'q', name: 'a', data: {} }]), PATIENCE)
    await vi.waitFor(() => expect(ran).toBe(1), PATIENCE)
    await jobs.close(0)

    await truncateAll(database)
    const restarted = testJobs({ kind: 'postgres', url: database.url })
    await restarted.enqueue([{ queue: 'q', name: 'b', data: {} }])
    await work(restarted)
    await vi.waitFor(() => expect(ran).toBe(2), PATIENCE)
    await restarted.close(0)
    await database.close()
  })
})
