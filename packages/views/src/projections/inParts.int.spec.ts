import type { EventStore } from '@portcullis/core'
import { eventSchemas, eventUpcasters } from '@portcullis/domain'
import { createCodec, createMemoryEventStore } from '@portcullis/event-store'
import { type TestDatabase, testDatabase } from '@portcullis/postgres/testing'
import { createProgress, type SubscriptionProblem } from '@portcullis/subscriptions'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { appendLog } from '../testing/appendLog.ts'
import { sampleLog } from '../testing/sampleLog.ts'
import { allProjections } from './allProjections.ts'
import { createProjections, type Projections } from './createProjections.ts'
import { NotPartitionable } from './layout.ts'
import { LIVE_SCHEMA } from './names.ts'

const clock = { now: () => '2026-03-01T00:00:00.000Z' }
const LONG = 60_000

describe('a projection in parts', () => {
  const log = sampleLog()
  const end = BigInt(log.length)
  const half = Math.floor(log.length / 2)
  let db: TestDatabase
  let store: EventStore
  let projections: Projections
  let problems: SubscriptionProblem[]
  let abort: AbortController
  let running: Promise<void>[]

  const create = (): Projections =>
    createProjections({
      pool: db.pool,
      store,
      clock,
      batchSize: 7,
      onProblem: (problem) => problems.push(problem),
    })
  const run = (of = projections): void => {
    running.push(of.run(abort.signal))
  }

  beforeEach(async () => {
    db = await testDatabase()
    store = createMemoryEventStore({ codec: createCodec(eventSchemas, eventUpcasters) })
    problems = []
    abort = new AbortController()
    running = []
    projections = create()
    await projections.migrate()
  })
  afterEach(async () => {
    abort.abort()
    await Promise.allSettled(running)
    await db.close()
  })

  const SPLIT = [
    ['grants', 4],
    ['deadlines', 3],
  ] as const
  const split = async () => {
    for (const [name, parts] of SPLIT) await projections.rebuild(name, undefined, parts)
  }
  const rowsOf = async (table: string) =>
    (await db.pool.query(`select * from ${LIVE_SCHEMA}.${table} order by 1`)).rows

  it('holds the same rows as in one, also for who waits in another process', async () => {
    run()
    await appendLog(store, log.slice(0, half))
    await split()
    await appendLog(store, log.slice(half))
    expect(await create().waitFor(end, LONG)).toBe(true)
    const inParts = await Promise.all(['grants_v4', 'deadlines_v3', 'removals_v4'].map(rowsOf))
    for (const { name } of allProjections)
      expect(await projections.verify(name)).toMatchObject({ equal: true, position: end })
    for (const [name] of SPLIT)
      expect(await projections.rebuild(name, undefined, 1)).toMatchObject({ partitions: 1 })
    expect(await Promise.all(['grants_v4', 'deadlines_v3', 'removals_v4'].map(rowsOf))).toEqual(
      inParts,
    )
    expect(problems).toEqual([])
  })

  it('is shared by processes, each part by one, and keeps its parts through a rebuild', async () => {
    await split()
    const other = create()
    run()
    run(other)
    await appendLog(store, log)
    expect(await projections.waitFor(end, LONG)).toBe(true)
    expect(await projections.rebuild('grants')).toEqual({
      name: 'grants',
      position: end,
      partitions: 4,
    })
    const status = (await projections.status()).find(({ name }) => name === 'grants')
    expect(status).toMatchObject({ partitions: 4, state: 'live', position: `${end}` })
    expect((await projections.verify('grants')).equal).toBe(true)
    expect(problems).toEqual([])
  })

  it('is verified where each part is, and brought level by a rebuild', async () => {
    await appendLog(store, log)
    await split()
    const tables = await db.pool.query(`select tables from ${LIVE_SCHEMA}.projections
      where name = 'grants'`)
    expect(tables.rows[0]?.tables).toContain('grants_v4_mark_3of4')
    await projections.rebuild('grants', undefined, 1)
    expect(await projections.verify('grants')).toMatchObject({ equal: true, position: 0n })
    await projections.rebuild('grants', undefined, 2)
    // The first part runs alone: the other one stands at the start of the log.
    const [first] = (await projections.subscriptions()).filter(({ name }) => name.endsWith('1of2'))
    const stop = new AbortController()
    const ran = first?.run({ epoch: 1n, signal: stop.signal })
    const waiting = createProgress(db.pool)
    expect(await waiting.waitFor(['projection.grants.v4/1of2'], end, LONG)).toBe(true)
    stop.abort()
    await ran
    const { equal, position, tables: compared } = await projections.verify('grants')
    expect({ equal, position }).toEqual({ equal: true, position: end })
    const grants = compared[0]?.rows.live ?? 0
    expect(await projections.status()).toContainEqual(
      expect.objectContaining({ name: 'grants', position: '0', state: 'catching-up' }),
    )
    await db.pool.query(`update ${LIVE_SCHEMA}.grants_v4 set actual = '?'
      where id = (select min(id) from ${LIVE_SCHEMA}.grants_v4)`)
    const verification = await projections.verify('grants')
    expect(verification.equal).toBe(false)
    expect(verification.differences).toHaveLength(1)
    expect(await projections.rebuild('grants')).toMatchObject({ position: end })
    expect((await projections.verify('grants')).tables[0]?.rows.live).toBeGreaterThan(grants)
  })

  it('is refused where events of several streams meet in a row, and for a number that is none', async () => {
    const error = await projections.rebuild('entitlements', undefined, 2).catch((thrown) => thrown)
    expect(error).toBeInstanceOf(NotPartitionable)
    expect(error.message).toContain('these can: grants, deadlines')
    for (const parts of [0, 17, 1.5])
      await expect(projections.rebuild('grants', undefined, parts)).rejects.toThrow('from 1 to 16')
  })
})
