import { createPool } from '@portcullis/postgres'
import { type TestDatabase, testDatabase } from '@portcullis/postgres/testing'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { migrateSubscriptions } from './migrations.ts'
import { createProgress } from './progress.ts'

const LONG = 60_000
/** For what never comes. */
const SHORT = 50

let db: TestDatabase
beforeEach(async () => {
  db = await testDatabase()
  await migrateSubscriptions(db.pool)
  await db.pool.query(
    `insert into portcullis.subscription_checkpoints (name, position, state, updated_at) values ('one', 5, 'running', '')`,
  )
})
afterEach(() => db.close())

const moveTo = (position: number) =>
  db.pool.query(`update portcullis.subscription_checkpoints set position = $1`, [position])

it('waits until the checkpoints are there, in whichever process they move', async () => {
  const progress = createProgress(db.pool)
  const waiting = progress.waitFor(['one'], 6n, LONG)
  await moveTo(6)
  expect(await waiting).toBe(true)
  expect(await progress.waitFor(['one'], 7n, SHORT)).toBe(false)
})

it.each([-1, Number.NEGATIVE_INFINITY, Number.NaN])(
  'ends a wait whose time is up already (%d) at once, without a warning of Node',
  async (timeoutMs) => {
    const warnings: string[] = []
    const warned = (warning: Error): void => void warnings.push(warning.name)
    process.on('warning', warned)
    expect(await createProgress(db.pool).waitFor(['one'], 7n, timeoutMs)).toBe(false)
    await new Promise(setImmediate)
    process.off('warning', warned)
    expect(warnings).toEqual([])
  },
)

it('knows nothing any more of a server that crashed, and may have lost the last moves', async () => {
  const pool = createPool(db.url, { max: 2, applicationName: 'progress' })
  try {
    const progress = createProgress(pool)
    expect(await progress.waitFor(['one'], 5n, LONG)).toBe(true)
    await db.pool.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'progress'`,
    )
    await vi.waitFor(() => expect(pool.totalCount).toBe(0), { timeout: LONG, interval: 5 })
    await moveTo(4)
    expect(await progress.waitFor(['one'], 5n, SHORT)).toBe(false)
    const waiting = progress.waitFor(['one'], 5n, LONG)
    await moveTo(5)
    expect(await waiting).toBe(true)
  } finally {
    await pool.end()
  }
})
