import type pg from 'pg'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createPool } from './pool.ts'
import { isAwaited, type TestDatabase, testDatabase } from './testing/index.ts'
import { withAdvisoryLock } from './withAdvisoryLock.ts'

const never = new AbortController().signal
const TURN = { space: 7_000_001, name: 'work', holdMillis: 60_000, waitMillis: 60_000 }

describe('withAdvisoryLock', () => {
  let database: TestDatabase
  /** Two processes. */
  let one: pg.Pool
  let two: pg.Pool
  beforeEach(async () => {
    database = await testDatabase()
    one = createPool(database.url, { max: 2, applicationName: 'one' })
    two = createPool(database.url, { max: 2, applicationName: 'two' })
  })
  afterEach(async () => {
    await Promise.all([one.end(), two.end()])
    await database.close()
  })

  const somebodyWaits = () => vi.waitUntil(() => isAwaited(database.pool), 60_000)
  const gate = () => Promise.withResolvers<void>()

  it('lets the second one work when the first is done, and gives back both connections', async () => {
    const done: string[] = []
    const { promise, resolve } = gate()
    const begun = gate()
    const first = withAdvisoryLock(one, TURN, never, async () => {
      begun.resolve()
      await promise
      done.push('first')
      return 1
    })
    await begun.promise
    const second = withAdvisoryLock(two, TURN, never, async () => done.push('second'))
    await somebodyWaits()
    expect(done).toEqual([])
    resolve()
    expect(await first).toBe(1)
    await second
    expect(done).toEqual(['first', 'second'])
    expect([one, two].map(({ totalCount, idleCount }) => [totalCount, idleCount])).toEqual([
      [1, 1],
      [1, 1],
    ])
  })

  it('lets work of another name go on beside it', async () => {
    await withAdvisoryLock(one, TURN, never, () =>
      withAdvisoryLock(two, { ...TURN, name: 'other' }, never, async () => {}),
    )
  })

  it('hands over what the work throws, and the turn', async () => {
    await expect(
      withAdvisoryLock(one, TURN, never, () => Promise.reject(new Error('broken'))),
    ).rejects.toThrow('broken')
    expect(await withAdvisoryLock(two, TURN, never, async () => 'next')).toBe('next')
  })

  it('goes to the next one when its connection dies; the work goes on to its end', async () => {
    const { promise, resolve } = gate()
    const begun = gate()
    const first = withAdvisoryLock(one, TURN, never, async () => {
      begun.resolve()
      await promise
      return 'to its end'
    })
    await begun.promise
    await database.pool.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'one' and datname = current_database()",
    )
    expect(await withAdvisoryLock(two, TURN, never, async () => 'next')).toBe('next')
    resolve()
    expect(await first).toBe('to its end')
    expect((await one.query('select 1 as one')).rows).toEqual([{ one: 1 }])
  })

  it('goes to the next one when it is held too long', async () => {
    const { promise, resolve } = gate()
    const begun = gate()
    const first = withAdvisoryLock(one, { ...TURN, holdMillis: 1 }, never, () => {
      begun.resolve()
      return promise
    })
    await begun.promise
    expect(await withAdvisoryLock(two, TURN, never, async () => 'next')).toBe('next')
    resolve()
    await first
  })

  it('isn’t waited for any longer than it may be, nor by who is to stop', async () => {
    const { promise, resolve } = gate()
    const begun = gate()
    const first = withAdvisoryLock(one, TURN, never, () => {
      begun.resolve()
      return promise
    })
    await begun.promise
    const none = async () => expect.fail('not its turn')
    await expect(
      withAdvisoryLock(two, { ...TURN, waitMillis: 1 }, never, none),
    ).rejects.toMatchObject({
      code: '55P03',
    })
    const stop = new AbortController()
    const waiting = withAdvisoryLock(two, TURN, stop.signal, none)
    const refused = expect(waiting).rejects.toThrow('Connection terminated')
    await somebodyWaits()
    stop.abort()
    await refused
    await expect(withAdvisoryLock(two, TURN, AbortSignal.abort(), none)).rejects.toThrow('aborted')
    resolve()
    await first
  })
})
