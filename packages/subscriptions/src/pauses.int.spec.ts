import { type TestDatabase, testDatabase } from '@portcullis/postgres/testing'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import {
  createPauses,
  migrateSubscriptions,
  type Pauses,
  readCheckpoints,
  runSubscription,
  SkipRefused,
} from './index.ts'
import { type ListStore, listStore } from './testing/listStore.ts'

const clock = { now: () => '2026-01-01T00:00:00.000Z' }
const WAIT = { timeout: 20_000, interval: 10 }
const NAMES = ['test', 'other']

describe('a paused subscription', () => {
  let db: TestDatabase
  let store: ListStore
  let pauses: Pauses
  let handled: string[]
  let isBad: (type: string) => boolean

  beforeEach(async () => {
    db = await testDatabase()
    await migrateSubscriptions(db.pool)
    store = listStore()
    pauses = createPauses({ pool: db.pool, store, clock })
    handled = []
    isBad = (type) => type === 'bad'
  })
  afterEach(() => db.close())

  const checkpoint = async () => (await readCheckpoints(db.pool, ['test'])).get('test')
  const run = (): void => {
    const abort = new AbortController()
    const running = runSubscription({
      name: 'test',
      epoch: 1n,
      store,
      pool: db.pool,
      clock,
      batchSize: 10,
      startAt: 'start',
      handle: async (events) => {
        for (const { type } of events) if (isBad(type)) throw new Error(`can't handle ${type}`)
        handled.push(...events.map(({ type }) => type))
      },
      signal: abort.signal,
      retry: { attempts: 1, waitMs: 1 },
    })
    onTestFinished(async () => {
      abort.abort()
      await running
    })
  }
  const pausedAt = (position: bigint) =>
    vi.waitFor(
      async () =>
        expect(await checkpoint()).toMatchObject({ state: 'paused', errorPosition: position }),
      WAIT,
    )
  const handles = (...types: readonly string[]) =>
    vi.waitFor(() => expect(handled).toEqual(types), WAIT)
  const order = { by: 'carol', reason: 'made by a bug of ours, corrected by hand' }

  it('tries its event again when it is told to', async () => {
    store.add('a', 'bad', 'b')
    run()
    await pausedAt(2n)
    isBad = () => false
    expect(await pauses.resume(NAMES)).toEqual(['test'])
    await handles('a', 'bad', 'b')
    expect(await pauses.resume(NAMES)).toEqual([])
    expect(await pauses.skipped(10)).toEqual([])
  })

  it('continues behind its event by an order, and the order stays recorded', async () => {
    store.add('a', 'bad', 'b', 'bad')
    run()
    await pausedAt(2n)
    const skip = await pauses.skip(NAMES, { position: 2n, ...order })
    expect(skip).toEqual({
      subscription: 'test',
      position: '2',
      event: { id: expect.any(String), type: 'bad', stream: expect.any(String) },
      error: "can't handle bad",
      ...order,
      at: clock.now(),
    })
    await pausedAt(4n)
    await handles('a', 'b')
    const second = await pauses.skip(NAMES, { position: 4n, ...order, by: 'dan' })
    await vi.waitFor(
      async () => expect(await checkpoint()).toMatchObject({ state: 'running', position: 4n }),
      WAIT,
    )
    expect(await pauses.skipped(10)).toEqual([second, skip])
    expect(await pauses.skipped(1)).toEqual([second])
    for (const statement of [
      `update portcullis.skipped_events set skipped_by = 'nobody'`,
      'delete from portcullis.skipped_events',
      'truncate portcullis.skipped_events',
    ])
      await expect(db.pool.query(statement)).rejects.toThrow('stays recorded')
  })

  it('is left where it is by an order for another place, and while it runs', async () => {
    store.add('a', 'bad')
    run()
    await pausedAt(2n)
    const refused = (position: bigint, names = NAMES) =>
      expect(pauses.skip(names, { position, ...order })).rejects
    await refused(1n).toThrow(/nothing is paused at position 1: it is paused at 2;/)
    await refused(3n).toBeInstanceOf(SkipRefused)
    await refused(2n, ['other']).toThrow('it is not paused')
    await pausedAt(2n)
    // Of two orders at the same time one counts.
    const both = await Promise.allSettled([
      pauses.skip(NAMES, { position: 2n, ...order }),
      pauses.skip(NAMES, { position: 2n, ...order }),
    ])
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    await refused(2n).toThrow('it is not paused')
    expect(await pauses.skipped(10)).toHaveLength(1)
  })
})
