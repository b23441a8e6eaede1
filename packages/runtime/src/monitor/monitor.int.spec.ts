import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addMillis, type Clock } from '@portcullis/core'
import { silentLog } from '@portcullis/engine'
import { type TestDatabase, testDatabase } from '@portcullis/postgres/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readConfig } from '../config.ts'
import { openRuntime, type Runtime } from '../runtime.ts'
import { type Monitor, openMonitor } from './monitor.ts'

const EMPTY = { waiting: 0, delayed: 0, active: 0, failed: 0 }
const START = '2026-06-01T08:00:00.000Z'

describe('the monitor of a process', () => {
  let now = START
  const clock: Clock = { now: () => now }
  let folder: string
  let database: TestDatabase
  let runtime: Runtime
  const open = (serves = { api: true, worker: false }): Promise<Monitor> =>
    openMonitor(runtime, { serves, jobs: () => undefined })

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portcullis-monitor-'))
    database = await testDatabase()
    const config = readConfig({ DATABASE_URL: database.url, PORTCULLIS_DATA: 'data' }, folder)
    runtime = await openRuntime(config, { log: silentLog, database: 'own', clock })
  })
  afterAll(async () => {
    await runtime?.close()
    await database?.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('counts how far each follower of the log is behind, in events and in seconds', async () => {
    const monitor = await open()
    // Nobody runs the projections here: the default catalog's event waits for them. Reactors begin at the end.
    now = addMillis(START, 90_000)
    const lags = await monitor.lags()
    expect(lags.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      ...(await runtime.projections.status()).map(({ name }) => `projection ${name}`),
      'reactor jobs',
      'reactor mail',
    ])
    for (const lag of lags)
      expect(lag).toMatchObject(
        lag.kind === 'reactor'
          ? { events: 0, seconds: 0, paused: false }
          : { events: 1, seconds: 90, paused: false },
      )
    expect((await monitor.readiness.report()).status).toBe('ready')
    await monitor.close()
  })

  it('is not ready beyond the bound, which can be turned off', async () => {
    now = addMillis(START, 301_000)
    const monitor = await open()
    const { status, checks } = await monitor.readiness.report()
    expect(status).toBe('not-ready')
    expect(checks.projections?.reason).toContain('grants by 301 s and 1 events')
    expect(checks).toMatchObject({ store: { status: 'ok' }, migrations: { status: 'ok' } })
    await monitor.close()
    const patient = await openMonitor(
      { ...runtime, config: { ...runtime.config, readyLagSeconds: 0 } },
      { serves: { api: true, worker: false }, jobs: () => undefined },
    )
    expect((await patient.readiness.report()).status).toBe('ready')
    await patient.close()
  })

  it('looks at the queue only where a worker uses it', async () => {
    now = START
    const monitor = await open({ api: false, worker: true })
    expect((await monitor.readiness.report()).checks.queue).toEqual({
      status: 'failing',
      reason: 'the worker is starting',
    })
    await monitor.close()
  })

  it('tells when no sweep has ended for three periods: a worker isn’t ready then, an API by itself is', async () => {
    // A machine whose clock was ahead has swept; that counts for nothing.
    await runtime.runs.finished('sweep', addMillis(START, 15 * 86_400_000))
    const late = async (worksToo: boolean, since: number) => {
      now = START
      const monitor = await openMonitor(
        { ...runtime, config: { ...runtime.config, readyLagSeconds: 0 } },
        { serves: { api: true, worker: worksToo }, jobs: () => ({ counts: async () => EMPTY }) },
      )
      now = addMillis(START, since)
      const { status, checks } = await monitor.readiness.report()
      await monitor.close()
      return [status, checks.sweep?.status]
    }
    expect(await late(true, 180_000)).toEqual(['ready', 'ok'])
    expect(await late(true, 181_000)).toEqual(['not-ready', 'failing'])
    expect(await late(false, 181_000)).toEqual(['ready', 'failing'])
    await runtime.runs.finished('sweep', addMillis(START, 100_000))
    expect(await late(true, 181_000)).toEqual(['ready', 'ok'])
  })

  it('is not ready when the tables under it are gone or older', async () => {
    now = START
    const monitor = await open()
    await runtime.pool.query(`delete from portcullis_migrations.applied where part = 'mail'`)
    const { checks } = await monitor.readiness.report()
    expect(checks.migrations).toEqual({
      status: 'failing',
      reason: 'older than this release: migrations of mail; start again',
    })
    await monitor.close()
  })

  it('counts a projection in parts once: as far behind as its slowest part, and paused with it', async () => {
    now = addMillis(START, 90_000)
    await runtime.projections.rebuild('grants', undefined, 2)
    const [first = '', second = ''] = await runtime.projections.checkpointsOf('grants')
    const grants = async () => {
      const monitor = await open()
      const lags = (await monitor.lags()).filter(({ name }) => name === 'grants')
      await monitor.close()
      return lags
    }
    const behind = { kind: 'projection', events: 1, seconds: 90, paused: false }
    expect(await grants()).toEqual([expect.objectContaining(behind)])
    const reach = (checkpoint: string) =>
      runtime.pool.query(
        `update portcullis.subscription_checkpoints set position = 1 where name = $1`,
        [checkpoint],
      )
    await reach(second)
    expect(await grants()).toEqual([expect.objectContaining(behind)])
    await reach(first)
    expect(await grants()).toEqual([expect.objectContaining({ ...behind, events: 0, seconds: 0 })])
    await runtime.pool.query(
      `update portcullis.subscription_checkpoints set position = 0, state = 'paused', error = 'x', error_position = 1 where name = $1`,
      [second],
    )
    expect(await grants()).toEqual([expect.objectContaining({ ...behind, paused: true })])
  })
})
