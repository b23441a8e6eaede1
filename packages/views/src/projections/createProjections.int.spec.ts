import type { EventStore } from '@portcullis/core'
import { eventSchemas, eventUpcasters } from '@portcullis/domain'
import { createCodec, createMemoryEventStore } from '@portcullis/event-store'
import { createPool, inTransaction } from '@portcullis/postgres'
import { type TestDatabase, testDatabase } from '@portcullis/postgres/testing'
import { resumeSubscription, type SubscriptionProblem } from '@portcullis/subscriptions'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { catalogsDefinition } from '../catalogs/catalogs.projector.ts'
import { entitlementsProjection } from '../entitlements/entitlements.projector.ts'
import { projection } from '../projector/projection.ts'
import { createViews } from '../queries/createViews.ts'
import { appendLog } from '../testing/appendLog.ts'
import { sampleLog } from '../testing/sampleLog.ts'
import { allProjections } from './allProjections.ts'
import { createProjections, type Projections, UnknownProjection } from './createProjections.ts'
import { checkpointNames, LIVE_SCHEMA } from './names.ts'
import { RebuildRunning, withRebuildLock } from './rebuildLock.ts'

const clock = { now: () => '2026-03-01T00:00:00.000Z' }
const LONG = 60_000
const WAIT = { timeout: LONG, interval: 20 }

describe('createProjections', () => {
  const log = sampleLog()
  const end = BigInt(log.length)
  const half = Math.floor(log.length / 2)
  let db: TestDatabase
  let store: EventStore
  let projections: Projections
  let problems: SubscriptionProblem[]
  let abort: AbortController
  let running: Promise<void>[]

  const create = (options: Partial<Parameters<typeof createProjections>[0]> = {}): Projections =>
    createProjections({
      pool: db.pool,
      store,
      clock,
      batchSize: 7,
      onProblem: (problem) => problems.push(problem),
      ...options,
    })
  const run = (of = projections, signal = abort.signal): Promise<void> => {
    const started = of.run(signal)
    running.push(started)
    return started
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

  it('catches up, stays live, and tells who waits', async () => {
    await appendLog(store, log.slice(0, half))
    run()
    expect(await projections.waitFor(BigInt(half), LONG)).toBe(true)
    const waiting = projections.waitForView('entitlements', end, LONG)
    await appendLog(store, log.slice(half))
    expect(await waiting).toBe(true)
    expect(await projections.waitFor(end, LONG)).toBe(true)
    expect(await createViews(db.pool).request('basics.alice.r1')).toMatchObject({
      status: 'Fulfilled',
    })
    expect(problems).toEqual([])
  })

  it('goes on after a restart where it stopped', async () => {
    await appendLog(store, log.slice(0, half))
    const first = new AbortController()
    const stopped = run(projections, first.signal)
    await projections.waitFor(BigInt(half), LONG)
    first.abort()
    await stopped
    await appendLog(store, log.slice(half))
    const second = create()
    await second.migrate()
    run(second)
    expect(await second.waitFor(end, LONG)).toBe(true)
    expect((await second.verify('entitlements')).equal).toBe(true)
  })

  it('starts beside a long look at what serves, as a verification or a backup has', async () => {
    // The one who waited for the other transaction would wait for ever: it fails instead.
    const url = new URL(db.url)
    url.searchParams.set('options', '-c lock_timeout=10s')
    const pool = createPool(url.href, { max: 5, applicationName: 'test' })
    try {
      await inTransaction(db.pool, async (tx) => {
        await tx.query(`lock table ${LIVE_SCHEMA}.projections in access share mode`)
        await create({ pool }).migrate()
      })
    } finally {
      await pool.end()
    }
  })

  it('reports where each one stands', async () => {
    await appendLog(store, log)
    const before = await projections.status()
    expect(before.map(({ name, state }) => [name, state])).toEqual(
      allProjections.map(({ name }) => [name, 'catching-up']),
    )
    run()
    await projections.waitFor(end, LONG)
    for (const status of await projections.status()) {
      expect(status).toMatchObject({
        position: `${end}`,
        head: `${end}`,
        state: 'live',
        error: null,
      })
    }
  })

  it('pauses the one that can not go on, shows why, and leaves the others alone', async () => {
    await appendLog(store, log)
    await db.pool.query(`alter table ${LIVE_SCHEMA}.grants_v4 rename to grants_lost`)
    run()
    await vi.waitFor(async () => {
      const status = await projections.status()
      expect(status.filter(({ state }) => state === 'paused').map(({ name }) => name)).toEqual([
        'grants',
      ])
    }, WAIT)
    const paused = (await projections.status()).find(({ name }) => name === 'grants')
    expect(paused?.error).toMatch(/^event at position \d+: .*grants_v4/)
    expect(await projections.waitForView('entitlements', end, LONG)).toBe(true)
    await db.pool.query(`alter table ${LIVE_SCHEMA}.grants_lost rename to grants_v4`)
    await resumeSubscription(db.pool, 'projection.grants.v4')
    expect(await projections.waitForView('grants', end, LONG)).toBe(true)
    expect((await projections.verify('grants')).equal).toBe(true)
  })

  it('lets two processes run the same projections', async () => {
    const other = create()
    run()
    run(other)
    await appendLog(store, log)
    expect(await projections.waitFor(end, LONG)).toBe(true)
    for (const { name } of allProjections) {
      expect(await projections.verify(name)).toMatchObject({ equal: true, position: end })
    }
    expect(problems).toEqual([])
  })

  describe('rebuild', () => {
    it('lets a paused one go on from where it is filled to', async () => {
      await appendLog(store, log)
      await db.pool.query(`alter table ${LIVE_SCHEMA}.grants_v4 rename to grants_lost`)
      run()
      await vi.waitFor(async () => {
        const paused = (await projections.status()).filter(({ state }) => state === 'paused')
        expect(paused.map(({ name }) => name)).toEqual(['grants'])
      }, WAIT)
      await db.pool.query(`alter table ${LIVE_SCHEMA}.grants_lost rename to grants_v4`)
      await projections.rebuild('grants')
      expect(await projections.waitForView('grants', end, LONG)).toBe(true)
      expect((await projections.verify('grants')).equal).toBe(true)
    })

    it('repairs rows that were tampered with, also those that the live projector remembers', async () => {
      await appendLog(store, log.slice(0, half))
      run()
      await projections.waitFor(BigInt(half), LONG)
      await db.pool.query(
        `update ${LIVE_SCHEMA}.requests_v${entitlementsProjection.version} set justification = 'forged'`,
      )
      const result = await projections.rebuild('entitlements')
      expect(result).toEqual({ name: 'entitlements', position: BigInt(half), partitions: 1 })
      await appendLog(store, log.slice(half))
      await projections.waitFor(end, LONG)
      expect(await projections.verify('entitlements')).toMatchObject({ equal: true })
      const { items } = await createViews(db.pool).requests({ limit: 100 })
      expect(items.map((request) => request.justification)).not.toContain('forged')
    })

    it('goes on serving and following the log meanwhile', async () => {
      await appendLog(store, log.slice(0, half))
      run()
      await projections.waitFor(BigInt(half), LONG)
      const views = createViews(db.pool)
      const before = await views.requests({ limit: 100 })
      const rest = [...log.slice(half)]
      let seen = 0
      let appending = Promise.resolve()
      await projections.rebuild('entitlements', () => {
        seen += 1
        const next = rest.splice(0, 10)
        appending = appending.then(() => appendLog(store, next))
      })
      await appending
      expect(seen).toBeGreaterThan(0)
      expect((await views.requests({ limit: 100 })).items.length).toBeGreaterThanOrEqual(
        before.items.length,
      )
      await appendLog(store, rest)
      expect(await projections.waitFor(end, LONG)).toBe(true)
      expect(await projections.verify('entitlements')).toMatchObject({ equal: true })
    })

    it('leaves nothing behind but the live tables', async () => {
      await appendLog(store, log)
      run()
      await projections.waitFor(end, LONG)
      for (const { name } of allProjections) await projections.rebuild(name)
      const { rows } = await db.pool.query(
        `select nspname from pg_namespace where nspname like 'portcullis_views_%'`,
      )
      expect(rows).toEqual([])
    })

    it('runs once at a time for a projection, and shows in the status', async () => {
      await withRebuildLock(db.pool, 'grants', async () => {
        await expect(projections.rebuild('grants')).rejects.toBeInstanceOf(RebuildRunning)
        await expect(projections.verify('grants')).rejects.toBeInstanceOf(RebuildRunning)
        expect(await projections.status()).toContainEqual(
          expect.objectContaining({ name: 'grants', state: 'rebuilding' }),
        )
      })
      await projections.rebuild('grants')
      expect(await projections.status()).toContainEqual(
        expect.objectContaining({ name: 'grants', state: 'live' }),
      )
    })

    it('knows its names', async () => {
      await expect(projections.rebuild('nothing')).rejects.toBeInstanceOf(UnknownProjection)
      await expect(projections.waitForView('nothing', 1n, 1)).rejects.toThrow('entitlements')
    })
  })

  describe('verify', () => {
    it('names the rows that differ', async () => {
      await appendLog(store, log)
      run()
      await projections.waitFor(end, LONG)
      await db.pool.query(`update ${LIVE_SCHEMA}.grants_v4 set actual = '?'
        where id = 'wiki.editor.alice'`)
      await db.pool.query(
        `delete from ${LIVE_SCHEMA}.grant_holds_v4 where assignment_id like '%pat%'`,
      )
      const verification = await projections.verify('grants')
      expect(verification.equal).toBe(false)
      expect(verification.differences).toEqual([
        'grants_v4/wiki.editor.alice',
        'grant_holds_v4/basics.pat.a1:chat.member.pat',
      ])
      expect(verification.tables[1]?.rows).toEqual({ live: 3, rebuilt: 4 })
    })
  })

  describe('a new version', () => {
    const next = allProjections.map((one) =>
      one.name === 'catalogs' ? projection({ ...catalogsDefinition, version: 2 }) : one,
    )

    it('is filled beside the old one and takes its place', async () => {
      await appendLog(store, log)
      const first = new AbortController()
      const stopped = run(projections, first.signal)
      await projections.waitFor(end, LONG)
      first.abort()
      await stopped
      const newer = create({ projections: next })
      await newer.migrate()
      expect(await newer.waitForView('catalogs', end, LONG)).toBe(true)
      const { rows } = await db.pool.query(`select * from ${LIVE_SCHEMA}.projections order by name`)
      expect(rows[0]).toMatchObject({ name: 'catalogs', version: 2 })
      expect(await createViews(db.pool).catalog('marketing')).toMatchObject({
        displayName: 'Marketing',
      })
      await expect(projections.migrate()).rejects.toThrow('run the newer release')
      const old = await db.pool.query(
        'select from portcullis.subscription_checkpoints where name = $1',
        [...checkpointNames({ name: 'catalogs', version: 1 }, 1)],
      )
      expect(old.rowCount).toBe(0)
    })
  })
})
