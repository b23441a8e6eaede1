import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { type EventStore, NO_STREAM } from '@portcullis/core'
import { eventSchemas, eventUpcasters } from '@portcullis/domain'
import { startEmbeddedPostgres } from '@portcullis/embedded-postgres'
import { createCodec, createPostgresEventStore } from '@portcullis/event-store'
import { createPool } from '@portcullis/postgres'
import { allProjections, createProjections } from '@portcullis/views'
import { bareEvents, bareProjection } from './bareProjection.ts'
import { type Contender, perSecond, report, takeTurns } from './harness.ts'
import { lives } from './lives.ts'

/**
 * Rebuilding the views against the plainest loop over the same events: read `$all`, parse, one unnest upsert per batch.
 */
const PEOPLE = Number(process.env.BENCH_PEOPLE ?? 8_000)
const ABREAST = 500
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 5)
const BATCH = 5_000
/** The projections with the most events. */
const NAMES = ['entitlements', 'grants', 'deadlines']

const fillLog = async (store: EventStore): Promise<void> => {
  for (const appends of lives(PEOPLE, ABREAST)) {
    await Promise.all(
      appends.map(({ stream, revision, events }) =>
        store.append(stream, revision === 0 ? NO_STREAM : BigInt(revision - 1), events),
      ),
    )
  }
}

const dataDir = await mkdtemp(path.join(tmpdir(), 'portcullis-bench-'))
// As root the server runs under another user, who must get in.
await chmod(dataDir, 0o755)
const server = await startEmbeddedPostgres({
  dataDir,
  log: (line) => process.stderr.write(`${line}\n`),
})
try {
  const pool = createPool(server.url, { max: 8, applicationName: 'bench' })
  const store = await createPostgresEventStore({
    url: server.url,
    codec: createCodec(eventSchemas, eventUpcasters),
  })
  await fillLog(store)
  await pool.query('vacuum analyze portcullis_events.events')
  const head = await store.head()
  const clock = { now: () => new Date().toISOString() }
  const projections = createProjections({ pool, store, clock, batchSize: BATCH })
  await projections.migrate()
  const abort = new AbortController()
  const begun = performance.now()
  const running = projections.run(abort.signal)
  if (!(await projections.waitFor(head, 600_000))) throw new Error('the views did not catch up')
  process.stdout.write(
    `${head} events; all views side by side from empty, indexes in place: ${Math.round((Number(head) * 1000) / (performance.now() - begun))} events/s\n`,
  )
  abort.abort()
  await running

  const contenders: Contender[] = []
  for (const name of NAMES) {
    const types = allProjections.find((one) => one.name === name)?.in('').handles ?? []
    const events = await bareProjection(pool, bareEvents(pool, types), 'stream')
    const contender = (what: string, run: () => Promise<unknown>): Contender => ({
      name: `${name}: ${what}`,
      unit: 'events/s',
      run: () => perSecond(events, run),
    })
    contenders.push(
      contender('bare loop, a row per event', () =>
        bareProjection(pool, bareEvents(pool, types), 'position'),
      ),
      contender('bare loop, a row per stream', () =>
        bareProjection(pool, bareEvents(pool, types), 'stream'),
      ),
      contender('rebuild', () => projections.rebuild(name)),
    )
  }
  const medians = await takeTurns(contenders, ROUNDS)
  report(
    'rebuild',
    contenders,
    medians,
    NAMES.flatMap((name) => [
      { of: `${name}: rebuild`, against: `${name}: bare loop, a row per event`, aim: 0.7 },
      {
        of: `${name}: bare loop, a row per stream`,
        against: `${name}: bare loop, a row per event`,
      },
    ]),
  )
  await store.close()
  await pool.end()
} finally {
  await server.stop()
  await rm(dataDir, { recursive: true, force: true })
}
