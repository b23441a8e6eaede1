import { type TestDatabase, testDatabase } from '@portcullis/postgres/testing'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { readCheckpoints } from '../checkpoints.ts'
import { migrateSubscriptions } from '../migrations.ts'
import { type ListStore, listStore } from '../testing/listStore.ts'
import { type TestProcess, testProcess } from '../testing/testProcess.ts'
import { readOwners } from './leaseTable.ts'
import { runLeased } from './runLeased.ts'

const NAMES = ['a', 'b', 'c', 'd', 'e']
const WAIT = { timeout: 20_000, interval: 5 }

describe('leases', () => {
  let db: TestDatabase
  let store: ListStore
  let processes: TestProcess[]

  beforeEach(async () => {
    db = await testDatabase()
    await migrateSubscriptions(db.pool)
    await db.pool.query(
      'create table handled (name text, position bigint, epoch bigint, label text, primary key (name, position))',
    )
    store = listStore()
    processes = []
  })
  afterEach(async () => {
    for (const process of processes) await process.end()
    await db.close()
  })

  const begin = (label: string): TestProcess => {
    const process = testProcess({ label, url: db.url, store, names: NAMES })
    processes.push(process)
    return process
  }
  const owners = async () => {
    const found: { [label: string]: number } = {}
    for (const { owner } of (await readOwners(db.pool, NAMES)).values())
      found[owner] = (found[owner] ?? 0) + 1
    return found
  }
  /** As when more time has passed than a lease lasts, by the database's clock. */
  const expire = (label: string) =>
    db.pool.query(
      `update portcullis.subscription_runners set expires_at = clock_timestamp() where label = $1`,
      [label],
    )
  const reached = (position: bigint) =>
    vi.waitFor(async () => {
      const all = await readCheckpoints(db.pool, NAMES)
      expect(NAMES.map((name) => all.get(name)?.position)).toEqual(NAMES.map(() => position))
    }, WAIT)
  const handledBy = async (position: bigint) => {
    const { rows } = await db.pool.query<{ label: string }>(
      'select distinct label from handled where position = $1 order by label',
      [position],
    )
    return rows.map(({ label }) => label)
  }

  it('are spread over the processes, and shown with owner and time', async () => {
    const [one, two] = [begin('one'), begin('two')]
    await one.look()
    expect(await owners()).toEqual({ one: 5 })
    await two.look()
    await one.look()
    await vi.waitFor(() => expect(one.runner.running()).toHaveLength(3), WAIT)
    await one.look()
    await two.look()
    expect(await owners()).toEqual({ one: 3, two: 2 })
    store.add('x')
    await reached(1n)
    expect(await handledBy(1n)).toEqual(['one', 'two'])
    const since = (await readOwners(db.pool, NAMES)).get('a')?.since ?? ''
    expect(new Date(since).toISOString()).toBe(since)
  })

  it('are free when whoever had them is gone, and the lease was made while the database’s clock was ahead', async () => {
    const gone = crypto.randomUUID()
    await db.pool.query(
      `insert into portcullis.subscription_runners (id, label, offers, proven, expires_at)
       values ($1, 'gone', '{"a":1}', false, clock_timestamp() + interval '15 days')`,
      [gone],
    )
    await db.pool.query(
      `insert into portcullis.subscription_leases (name, runner, epoch, since) values ('a', $1, 1, clock_timestamp())`,
      [gone],
    )
    expect(await owners()).toEqual({})
    const one = begin('one')
    await one.look()
    expect(await owners()).toEqual({ one: 5 })
  })

  it('are free at once after a clean stop, and the others are told', async () => {
    const [one, two] = [begin('one'), begin('two')]
    await one.look()
    await two.look()
    expect(two.runner.running()).toEqual([])
    await one.stop()
    await vi.waitFor(() => expect(two.stirred()).toBe(true), WAIT)
    await two.look()
    expect(await owners()).toEqual({ two: 5 })
  })

  it('are free as soon as the connection of a killed process ends, before they have run out', async () => {
    const [one, two] = [begin('one'), begin('two')]
    await one.look()
    await one.kill()
    await vi.waitFor(async () => {
      await two.look()
      expect(await owners()).toEqual({ two: 5 })
    }, WAIT)
    store.add('x')
    await reached(1n)
    expect(await handledBy(1n)).toEqual(['two'])
  })

  it('are lost by a frozen process, which writes nothing when it wakes up, and then takes its share', async () => {
    const [one, two] = [begin('one'), begin('two')]
    await one.look()
    await reached(0n)
    one.freeze()
    store.add('x')
    await vi.waitFor(() => expect(one.held()).toBe(NAMES.length), WAIT)
    await two.look()
    expect(two.runner.running()).toEqual([])
    await expire('one')
    await two.look()
    await reached(1n)
    one.thaw()
    store.add('y')
    await reached(2n)
    expect(await handledBy(1n)).toEqual(['two'])
    expect(await handledBy(2n)).toEqual(['two'])
    await one.look()
    await vi.waitFor(() => expect(one.runner.running()).toEqual([]), WAIT)
    expect(one.problems).toEqual([])
  })

  it('stay with a process that was frozen while nobody else was there', async () => {
    const one = begin('one')
    await one.look()
    await expire('one')
    await one.look()
    store.add('x')
    await reached(1n)
    const { rows } = await db.pool.query('select distinct epoch from handled')
    expect(rows).toEqual([{ epoch: '1' }])
  })

  it('are taken over from a process frozen in the middle of a batch, once the server has ended its transaction', async () => {
    const [one, two] = [begin('one'), begin('two')]
    one.freezeInBatch()
    await one.look()
    store.add('x')
    await vi.waitFor(() => expect(one.held()).toBe(NAMES.length), WAIT)
    expect(one.patience()).toBe('6s')
    await expire('one')
    await two.look()
    // What the server does on its own after that time.
    await db.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'one' and state = 'idle in transaction'`,
    )
    await reached(1n)
    one.thaw()
    store.add('y')
    await reached(2n)
    expect(await handledBy(1n)).toEqual(['two'])
  })

  it('survive that the connection for the beats is lost', async () => {
    const [one, two] = [begin('one'), begin('two')]
    await one.look()
    await db.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'one'`,
    )
    await vi.waitFor(() => one.look(), WAIT)
    await two.look()
    store.add('x')
    await reached(1n)
    expect(await owners()).toMatchObject({ one: 5 })
  })

  it('are taken and left by a loop that runs until it is told to stop', async () => {
    const abort = new AbortController()
    const running = runLeased({
      pool: db.pool,
      label: 'loop',
      subscriptions: async () => [{ name: 'a', run: ({ signal }) => once(signal) }],
      signal: abort.signal,
    })
    await vi.waitFor(async () => expect(await owners()).toEqual({ loop: 1 }), WAIT)
    abort.abort()
    await running
    expect(await owners()).toEqual({})
  })

  it('let each event be handled once and in order, whatever is killed, frozen, stopped and started', async () => {
    const labels = ['one', 'two', 'three']
    const step = fc.record({
      who: fc.constantFrom(...labels),
      what: fc.constantFrom('look', 'look', 'look', 'kill', 'freeze', 'expire', 'thaw', 'stop'),
      appends: fc.integer({ min: 0, max: 3 }),
    })
    const story = async (
      steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[],
    ) => {
      await db.pool.query(
        `truncate handled, portcullis.subscription_checkpoints, portcullis.subscription_leases, portcullis.subscription_runners`,
      )
      store = listStore()
      const alive = new Map<string, TestProcess>()
      for (const { who, what, appends } of steps) {
        const process = alive.get(who) ?? begin(who)
        alive.set(who, process)
        if (what === 'look' || what === 'expire') {
          if (what === 'expire') await expire(who)
          if (!process.frozen()) await process.look()
        } else if (what === 'freeze') process.freeze()
        else if (what === 'thaw') process.thaw()
        else {
          alive.delete(who)
          await (what === 'kill' ? process.kill() : process.stop())
        }
        store.add(...Array.from({ length: appends }, () => 'x'))
      }
      const last = begin('last')
      store.add('end')
      const end = await store.head()
      await vi.waitFor(async () => {
        for (const process of alive.values()) {
          process.thaw()
          await process.look()
        }
        await last.look()
        const all = await readCheckpoints(db.pool, NAMES)
        expect(NAMES.map((name) => all.get(name)?.position)).toEqual(NAMES.map(() => end))
      }, WAIT)
      const { rows } = await db.pool.query<{ count: string; backwards: string }>(
        `select count(*), count(*) filter (where epoch < before) as backwards
         from (select epoch, lag(epoch) over (partition by name order by position) as before from handled) as told`,
      )
      // The key of the table lets nothing in twice; a later owner never comes before an earlier one.
      expect(rows[0]).toEqual({ count: (end * BigInt(NAMES.length)).toString(), backwards: '0' })
      for (const process of processes.splice(0)) await process.end()
    }
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 14 }), story), { numRuns: 12 })
  }, 60_000)
})

const once = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve())
  })
