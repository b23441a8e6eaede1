import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { deriveId, type EventStore, eventId, NO_STREAM } from '@portcullis/core'
import { eventSchemas, eventUpcasters, type PortcullisEvent } from '@portcullis/domain'
import { exampleTerms } from '@portcullis/domain/testing'
import { startEmbeddedPostgres } from '@portcullis/embedded-postgres'
import { createCodec, createPostgresEventStore } from '@portcullis/event-store'
import { createPool } from '@portcullis/postgres'
import { checkLive } from '@portcullis/promises'
import { createPromiseRecords, migratePromises } from '@portcullis/views'
import { lives } from './lives.ts'

/**
 * The check of promises over a log of so many events, from its start: events a second, and the most memory that this
 * process had in use (V8's heap after each page).
 */
const SIZES = (process.env.BENCH_EVENTS ?? '100000,1000000').split(',').map(Number)
const EVENTS_OF_A_LIFE = 12
const ABREAST = 500
const MEGABYTE = 1024 * 1024

const fillLog = async (store: EventStore, events: number): Promise<void> => {
  await addPackages(store)
  for (const appends of lives(Math.ceil(events / EVENTS_OF_A_LIFE), ABREAST))
    await store.appendAll(
      appends.map(({ stream, revision, events: some }) => ({
        stream,
        expected: revision === 0 ? NO_STREAM : BigInt(revision - 1),
        events: some,
      })),
    )
}

/** The packages that the lives are of, so that what they rely on is there. */
const addPackages = async (store: EventStore): Promise<void> => {
  const [first] = lives(1, 1)
  const packageId = first?.[0]?.stream.slice('entitlement-'.length).split('.')[0] ?? ''
  const events: readonly PortcullisEvent[] = [
    {
      type: 'PolicyAdded.v1',
      data: {
        packageId,
        policyId: 'standard',
        policyVersion: 1,
        enabled: true,
        terms: exampleTerms(),
      },
    },
    ...['wiki.editor', 'chat.member'].map((role, index): PortcullisEvent => {
      const [resourceId = '', roleId = ''] = role.split('.')
      return {
        type: 'ResourceRoleAdded.v1',
        data: { packageId, resourceId, roleId, rolesVersion: index + 1 },
      }
    }),
  ]
  const stream = `accessPackage-${packageId}`
  const commandId = deriveId('bench', 'package')
  const metadata = {
    commandId,
    correlationId: commandId,
    actor: { kind: 'user', id: 'carol' },
    at: '2026-01-05T08:00:00.000Z',
  } as const
  await store.append(
    stream,
    NO_STREAM,
    events.map((event, index) => ({ ...event, id: eventId(commandId, stream, index), metadata })),
  )
}

const measure = async (events: number) => {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'portcullis-bench-'))
  // As root the server runs under another user, who must get in.
  await chmod(dataDir, 0o755)
  const server = await startEmbeddedPostgres({ dataDir, log: () => {} })
  try {
    const pool = createPool(server.url, { max: 8, applicationName: 'bench' })
    const store = await createPostgresEventStore({
      url: server.url,
      codec: createCodec(eventSchemas, eventUpcasters),
    })
    await migratePromises(pool)
    await fillLog(store, events)
    await pool.query('vacuum analyze portcullis_events.events')
    const clock = { now: () => new Date().toISOString() }
    let peak = 0
    const begun = performance.now()
    const report = await checkLive(
      {
        store,
        clock,
        views: { dueDeadlines: async () => [] },
        promiseRecords: createPromiseRecords(pool),
        problemFindings: { replace: async () => {} },
      },
      {
        signal: new AbortController().signal,
        onProgress: () => {
          peak = Math.max(peak, process.memoryUsage().heapUsed)
        },
      },
    )
    const seconds = (performance.now() - begun) / 1000
    await store.close()
    await pool.end()
    if (report === undefined) throw new Error('nobody else should check')
    process.stderr.write(
      `${report.events} events, ${report.groups} groups: ${seconds.toFixed(1)} s; broken: ${JSON.stringify(report.results.filter(({ holds }) => !holds).map(({ number, violations, broken }) => [number, violations, broken[0]]))}\n`,
    )
    return {
      events: report.events,
      seconds: Math.round(seconds * 10) / 10,
      perSecond: Math.round(report.events / seconds),
      peakMegabytes: Math.round(peak / MEGABYTE),
    }
  } finally {
    await server.stop()
    await rm(dataDir, { recursive: true, force: true })
  }
}

const results: Record<string, { readonly value: number; readonly unit: string }> = {}
for (const size of SIZES) {
  const { events, seconds, perSecond, peakMegabytes } = await measure(size)
  results[`promises: ${events} events, from the start`] = { value: perSecond, unit: 'events/s' }
  results[`promises: ${events} events, time`] = { value: seconds, unit: 's' }
  results[`promises: ${events} events, peak of the heap`] = { value: peakMegabytes, unit: 'MB' }
}
process.stdout.write(`${JSON.stringify(results)}\n`)
