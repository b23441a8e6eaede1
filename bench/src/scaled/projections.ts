import type { EventStore } from '@portcullis/core'
import { eventSchemas, eventSchemasByStream, eventUpcasters } from '@portcullis/domain'
import {
  createCodec,
  createEventStoreDbEventStore,
  createPostgresEventStore,
  openEventStoreDbStoredLog,
  openPostgresStoredLog,
} from '@portcullis/event-store'
import { createPool } from '@portcullis/postgres'
import { allProjections, createProjections } from '@portcullis/views'
import { type BareEvent, bareEvents, bareProjection } from '../bareProjection.ts'
import { type Comparison, type Contender, perSecond } from '../harness.ts'
import { storedLogOf } from '../storedLog.ts'
import { bareServerEvents } from './bareServerEvents.ts'

/** The projections with the most events. */
const NAMES = ['entitlements', 'grants', 'deadlines']
/** At least as fast as this share of the plainest loop. */
const AIM = 0.7

export interface ProjectionOptions {
  /** For people: the event store. */
  readonly label: string
  /** How many events the log gets. */
  readonly events: number
  /** An empty database, for the views, and for the events where there is no server. */
  readonly databaseUrl: string
  /** A server of its own, and empty. */
  readonly eventStoreUrl?: string
}

/** Views filled from a log into PostgreSQL, against the plainest loops over the same events. */
export interface ProjectionRuns {
  readonly contenders: readonly Contender[]
  readonly comparisons: readonly Comparison[]
  close(): Promise<void>
}

const codec = createCodec(eventSchemas, eventUpcasters)
const categories = Object.keys(eventSchemasByStream)

/** Fills the log first. */
export const openProjectionRuns = async (options: ProjectionOptions): Promise<ProjectionRuns> => {
  const { label, databaseUrl, eventStoreUrl } = options
  await fillLog(options)
  const pool = createPool(databaseUrl, { max: 8, applicationName: 'bench' })
  const store = await openStore(options)
  const clock = { now: () => new Date().toISOString() }
  const projections = createProjections({ pool, store, clock })
  await projections.migrate()
  const abort = new AbortController()
  const running = projections.run(abort.signal)
  const caughtUp = await projections.waitFor(await store.head(), 600_000)
  abort.abort()
  await running
  if (!caughtUp) throw new Error('the views did not catch up')
  if (eventStoreUrl === undefined) await pool.query('vacuum analyze portcullis_events.events')

  const read = (types: readonly string[]): AsyncIterable<readonly BareEvent[]> =>
    eventStoreUrl === undefined ? bareEvents(pool, types) : bareServerEvents(eventStoreUrl, types)
  const contenders: Contender[] = []
  const comparisons: Comparison[] = []
  for (const name of NAMES) {
    const types = allProjections.find((one) => one.name === name)?.in('').handles ?? []
    const events = await bareProjection(pool, read(types), 'position')
    const contender = (what: string, run: () => Promise<unknown>): Contender => ({
      name: `${name}, ${what}, ${label}`,
      unit: 'events/s',
      run: () => perSecond(events, run),
    })
    const rowPerEvent = contender('bare loop, a row an event', () =>
      bareProjection(pool, read(types), 'position'),
    )
    const rowPerStream = contender('bare loop, a row a stream', () =>
      bareProjection(pool, read(types), 'stream'),
    )
    const projected = contender('projected', () => projections.rebuild(name))
    contenders.push(rowPerEvent, rowPerStream, projected)
    comparisons.push(
      { of: projected.name, against: rowPerEvent.name, aim: AIM },
      { of: rowPerStream.name, against: rowPerEvent.name },
    )
  }
  return {
    contenders,
    comparisons,
    close: async () => {
      await store.close()
      await pool.end()
    },
  }
}

const fillLog = async ({ events, databaseUrl, eventStoreUrl }: ProjectionOptions) => {
  const log =
    eventStoreUrl === undefined
      ? await openPostgresStoredLog(databaseUrl)
      : await openEventStoreDbStoredLog({ url: eventStoreUrl, streamPrefix: '', categories })
  try {
    let filled = 0
    for (const page of storedLogOf(events)) {
      await log.fill(page, filled)
      filled += page.length
    }
  } finally {
    await log.close()
  }
}

const openStore = ({ databaseUrl, eventStoreUrl }: ProjectionOptions): Promise<EventStore> =>
  eventStoreUrl === undefined
    ? createPostgresEventStore({ url: databaseUrl, codec })
    : createEventStoreDbEventStore({ url: eventStoreUrl, streamPrefix: '', categories, codec })
