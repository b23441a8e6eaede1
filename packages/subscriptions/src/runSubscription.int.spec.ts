import type { RecordedEvent } from '@portcullis/core'
import { type TestDatabase, testDatabase } from '@portcullis/postgres/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  advance,
  CheckpointLost,
  claimCheckpoint,
  createProgress,
  migrateSubscriptions,
  pauseCheckpoint,
  readCheckpoints,
  resumeSubscription,
  runSubscription,
  type SubscriptionOptions,
  type SubscriptionProblem,
} from './index.ts'
import { listStore } from './testing/listStore.ts'

const clock = { now: () => '2026-01-01T00:00:00.000Z' }
const WAIT = { timeout: 20_000, interval: 10 }

describe('runSubscription', () => {
  let db: TestDatabase
  let abort: AbortController
  let running: Promise<void>[]
  let problems: SubscriptionProblem[]
  let store: ReturnType<typeof listStore>

  beforeEach(async () => {
    db = await testDatabase()
    await migrateSubscriptions(db.pool)
    await db.pool.query('create table handled (position bigint primary key, type text)')
    abort = new AbortController()
    running = []
    problems = []
    store = listStore()
  })
  afterEach(async () => {
    abort.abort()
    await Promise.allSettled(running)
    await db.close()
  })

  const keep = async (
    events: readonly RecordedEvent[],
    tx: { query(text: string, values: unknown[]): Promise<unknown> },
  ): Promise<void> => {
    await tx.query('insert into handled select * from unnest($1::bigint[], $2::text[])', [
      events.map((event) => event.position),
      events.map((event) => event.type),
    ])
  }
  const run = (options: Partial<SubscriptionOptions> = {}): Promise<void> => {
    const started = runSubscription({
      name: 'test',
      epoch: 1n,
      store,
      pool: db.pool,
      clock,
      batchSize: 10,
      startAt: 'start',
      handle: keep,
      signal: abort.signal,
      onProblem: (problem) => problems.push(problem),
      retry: { attempts: 2, waitMs: 1 },
      ...options,
    })
    started.catch(() => {})
    running.push(started)
    return started
  }
  const handled = async (): Promise<string[]> =>
    (await db.pool.query<{ type: string }>('select type from handled order by position')).rows.map(
      (row) => row.type,
    )
  const checkpoint = async () => (await readCheckpoints(db.pool, ['test'])).get('test')
  const at = (position: bigint) =>
    vi.waitFor(async () => expect((await checkpoint())?.position).toBe(position), WAIT)

  it('catches up in batches, stays live, and goes on from its checkpoint', async () => {
    store.add(...Array.from({ length: 25 }, (_, index) => `old${index}`))
    const first = new AbortController()
    const ended = run({ signal: first.signal })
    await at(25n)
    store.add('live')
    await at(26n)
    first.abort()
    await ended
    store.add('later')
    run()
    await at(27n)
    expect((await handled()).slice(24)).toEqual(['old24', 'live', 'later'])
  })

  it('moves past events of other types without handing them over', async () => {
    store.add('wanted', 'ignored', 'ignored')
    run({ types: ['wanted'] })
    await at(3n)
    expect(await handled()).toEqual(['wanted'])
  })

  it('starts at the end the first time only, when asked', async () => {
    store.add('past', 'past')
    const first = new AbortController()
    const ended = run({ startAt: 'end', signal: first.signal })
    await at(2n)
    first.abort()
    await ended
    store.add('missed while down')
    run({ startAt: 'end' })
    await at(3n)
    expect(await handled()).toEqual(['missed while down'])
  })

  it('tries a batch again, and keeps nothing of a failed try', async () => {
    store.add('a', 'b')
    let failures = 1
    run({
      handle: async (events, tx) => {
        await keep(events, tx)
        if (failures-- > 0) throw new Error('not now')
      },
    })
    await at(2n)
    expect(await handled()).toEqual(['a', 'b'])
    expect(problems.map((problem) => problem.kind)).toEqual(['retrying'])
  })

  it('pauses at the event that can not be handled, with all before it done, and resumes', async () => {
    store.add('a', 'b', 'bad', 'd')
    let broken = true
    run({
      handle: async (events, tx) => {
        if (broken && events.some((event) => event.type === 'bad')) throw new Error('no such row')
        await keep(events, tx)
      },
    })
    await vi.waitFor(async () => expect((await checkpoint())?.state).toBe('paused'), WAIT)
    expect(await checkpoint()).toMatchObject({
      position: 2n,
      error: 'no such row',
      errorPosition: 3n,
    })
    expect(await handled()).toEqual(['a', 'b'])
    await vi.waitFor(() => expect(problems.at(-1)).toMatchObject({ kind: 'paused', position: 3n }))
    broken = false
    expect(await resumeSubscription(db.pool, 'test')).toBe(true)
    await at(4n)
    expect(await checkpoint()).toMatchObject({ state: 'running', error: null, errorPosition: null })
    expect(await handled()).toEqual(['a', 'b', 'bad', 'd'])
  })

  it('does not pause for infrastructure that is down', async () => {
    store.add('a')
    let failures = 8
    run({
      handle: async (events, tx) => {
        if (failures-- > 0) throw Object.assign(new Error('down'), { code: 'ECONNREFUSED' })
        await keep(events, tx)
      },
      retry: { attempts: 2, waitMs: 0 },
    })
    await at(1n)
    expect(problems.every((problem) => problem.kind === 'retrying')).toBe(true)
    expect(problems).toHaveLength(8)
  })

  it('takes a failed read for an error, not for an empty log', async () => {
    store.add('a')
    run()
    await at(1n)
    store.failNextRead(new Error('read failed'))
    await vi.waitFor(() => expect(problems).toHaveLength(1), WAIT)
    store.add('b')
    await at(2n)
    expect(await handled()).toEqual(['a', 'b'])
  })

  it('ends with CheckpointLost once a later owner has begun, and keeps nothing of its own', async () => {
    store.add('a')
    const ended = run()
    await at(1n)
    // At the very position where the earlier one stands: the epoch alone tells them apart.
    expect(await claimCheckpoint(db.pool, 'test', 2n)).toBe(1n)
    store.add('b')
    await expect(ended).rejects.toBeInstanceOf(CheckpointLost)
    expect(await handled()).toEqual(['a'])
    expect((await checkpoint())?.position).toBe(1n)
    await expect(run()).rejects.toBeInstanceOf(CheckpointLost)
  })

  it('waits for the batch under way of the earlier owner, then goes on behind it', async () => {
    store.add('a', 'b')
    const entered = Promise.withResolvers<void>()
    const gate = Promise.withResolvers<void>()
    run({
      batchSize: 1,
      handle: async (events, tx) => {
        await keep(events, tx)
        entered.resolve()
        await gate.promise
      },
    })
    await entered.promise
    const claimed = claimCheckpoint(db.pool, 'test', 2n)
    gate.resolve()
    expect([1n, 2n]).toContain(await claimed)
    run({ epoch: 2n })
    await at(2n)
    expect(await handled()).toEqual(['a', 'b'])
  })

  it('lets an earlier owner neither pause the subscription nor end a pause', async () => {
    store.add('bad')
    run({ epoch: 2n, handle: () => Promise.reject(new Error('no such row')) })
    await vi.waitFor(async () => expect((await checkpoint())?.state).toBe('paused'), WAIT)
    const pause = { epoch: 1n, position: 1n, error: 'stale' }
    await expect(pauseCheckpoint(db.pool, 'test', pause, clock)).rejects.toThrow(CheckpointLost)
    await expect(run()).rejects.toBeInstanceOf(CheckpointLost)
    expect(await checkpoint()).toMatchObject({ state: 'paused', error: 'no such row' })
  })

  it('rolls the checkpoint back with the work', async () => {
    store.add('a')
    run()
    await at(1n)
    const move = { name: 'test', epoch: 1n, from: 1n, to: 2n }
    const failing = advance(db.pool, move, clock, () => Promise.reject(new Error('no')))
    await expect(failing).rejects.toThrow('no')
    expect((await checkpoint())?.position).toBe(1n)
  })

  it('says a word while a batch reads elsewhere, so that the server does not take its owner for frozen', async () => {
    store.add('a')
    const words = `select from pg_stat_activity where pid = $1 and state = 'idle in transaction' and query = 'select 1'`
    run({
      handle: async (_events, tx) => {
        const { rows } = await tx.query('select pg_backend_pid() as pid')
        await vi.waitFor(
          async () => expect((await db.pool.query(words, [rows[0]?.pid])).rowCount).toBe(1),
          WAIT,
        )
      },
    })
    await at(1n)
  })

  describe('progress', () => {
    it('tells waiters in this process', async () => {
      const progress = createProgress(db.pool)
      run({ progress })
      const waiting = progress.waitFor(['test'], 2n, 20_000)
      store.add('a', 'b')
      expect(await waiting).toBe(true)
      expect(await handled()).toEqual(['a', 'b'])
    })

    it('finds out about a runner elsewhere', async () => {
      run()
      const waiting = createProgress(db.pool).waitFor(['test'], 1n, 20_000)
      store.add('a')
      expect(await waiting).toBe(true)
    })

    it('gives up in time, also on a subscription that never ran', async () => {
      const progress = createProgress(db.pool)
      expect(await progress.waitFor(['never'], 1n, 1)).toBe(false)
    })

    it('passes on that the checkpoints can not be read', async () => {
      await db.pool.query('drop table portcullis.subscription_checkpoints')
      const waiting = createProgress(db.pool).waitFor(['test'], 1n, 20_000)
      await expect(waiting).rejects.toThrow('subscription_checkpoints')
    })
  })
})
