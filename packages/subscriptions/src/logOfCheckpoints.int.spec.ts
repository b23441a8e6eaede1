import { createPool } from '@portcullis/postgres'
import { type TestDatabase, testDatabase } from '@portcullis/postgres/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { claimLog, OtherLog } from './logOfCheckpoints.ts'
import { migrateSubscriptions } from './migrations.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.close())

it('keeps which log the checkpoints are of, and lets no other one near', async () => {
  const pool = createPool(database.url, { max: 2, applicationName: 'spec', onError: () => {} })
  await migrateSubscriptions(pool)
  await claimLog(pool, undefined)
  await claimLog(pool, 'one')
  await claimLog(pool, 'one')
  for (const other of ['two', undefined])
    await expect(claimLog(pool, other)).rejects.toThrow(OtherLog)
  await expect(claimLog(pool, 'two')).rejects.toThrow('follow the log one, not two')
  await pool.end()
})
