import { openEventStoreDbStoredLog } from '../move/eventStoreDbStoredLog.ts'
import { moveLog } from '../move/moveLog.ts'
import { openPostgresStoredLog } from '../move/postgresStoredLog.ts'

/**
 * A process of the specs of moving: copies until it is killed or done, and prints a line for every page. Arguments:
 * address of the database, of the EventStoreDB, prefix there, and to which of the two.
 */
const [, , url = '', eventStoreUrl = '', streamPrefix = '', to = ''] = process.argv
const postgres = await openPostgresStoredLog(url)
const there = await openEventStoreDbStoredLog({
  url: eventStoreUrl,
  streamPrefix,
  categories: ['counted', 'noted'],
})
const [source, target] = to === 'eventstoredb' ? [postgres, there] : [there, postgres]
const moved = await moveLog({
  source,
  target,
  onProgress: ({ phase, done }) => process.stdout.write(`${JSON.stringify([phase, done])}\n`),
})
process.stdout.write(`${JSON.stringify(['done', moved.copied])}\n`)
await Promise.all([postgres.close(), there.close()])
