import { eventSchemas, eventUpcasters } from '@portcullis/domain'
import { createCodec, createMemoryEventStore } from '@portcullis/event-store'
import { createPool } from '@portcullis/postgres'
import { testDatabase } from '@portcullis/postgres/testing'
import { expect, it } from 'vitest'
import { appendLog } from '../testing/appendLog.ts'
import { sampleLog } from '../testing/sampleLog.ts'
import { createProjections } from './createProjections.ts'
import { LIVE_SCHEMA } from './names.ts'

const clock = { now: () => '2026-03-01T00:00:00.000Z' }
const REBUILDS = 15
/** Views of one projection, in both orders, so that a reader has one of them while it waits for the other. */
const QUERIES = [
  `select count(*) from ${LIVE_SCHEMA}.requests r join ${LIVE_SCHEMA}.assignments a on a.request_id = r.id`,
  `select count(*) from ${LIVE_SCHEMA}.assignments a join ${LIVE_SCHEMA}.requests r on a.request_id = r.id`,
  `select count(*) from ${LIVE_SCHEMA}.requests`,
]

it('lets readers read while tables are put in place of others', async () => {
  const db = await testDatabase()
  const log = sampleLog()
  const store = createMemoryEventStore({ codec: createCodec(eventSchemas, eventUpcasters) })
  await appendLog(store, log)
  const problems: unknown[] = []
  const projections = createProjections({
    pool: db.pool,
    store,
    clock,
    batchSize: 50,
    onProblem: (problem) => problems.push(problem),
  })
  await projections.migrate()
  const abort = new AbortController()
  const running = projections.run(abort.signal)
  await projections.waitFor(BigInt(log.length), 60_000)
  const pool = createPool(db.url, { max: 6, applicationName: 'readers' })
  const failed: string[] = []
  let over = false
  const reader = async (query: string): Promise<void> => {
    while (!over)
      await pool.query(query).catch((error: Error & { code?: string }) => {
        failed.push(`${error.code}: ${error.message}`)
      })
  }
  const readers = [...QUERIES, ...QUERIES].map(reader)
  try {
    for (let round = 0; round < REBUILDS; round += 1) await projections.rebuild('entitlements')
  } finally {
    over = true
    await Promise.all(readers)
    abort.abort()
    await running
    await pool.end()
    await db.close()
  }
  expect(failed).toEqual([])
  expect(problems).toEqual([])
})
