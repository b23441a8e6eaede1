import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { type EventStore, NO_STREAM, type RecordedEvent } from '@portcullis/core'
import {
  contractEvent,
  contractEventSchemas,
  contractEvents,
  wholeLog,
} from '@portcullis/core/contracts'
import { certificate, endProcess } from '@portcullis/core/testing'
import { type TestDatabase, testDatabase } from '@portcullis/postgres/testing'
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { createCodec } from '../codec.ts'
import { createEventStoreDbEventStore } from '../eventstoredb/eventStoreDbEventStore.ts'
import { createPostgresEventStore } from '../postgres/postgresEventStore.ts'
import {
  type EventStoreDouble,
  startEventStoreDouble,
} from '../testing/eventStoreDouble/eventStoreDouble.ts'
import { openEventStoreDbStoredLog } from './eventStoreDbStoredLog.ts'
import { type MoveProgress, moveLog } from './moveLog.ts'
import { openPostgresStoredLog } from './postgresStoredLog.ts'
import type { StoredLog } from './storedLog.ts'

const codec = createCodec(contractEventSchemas)
const PREFIX = 'acme_'
const CATEGORIES = ['counted', 'noted']

let db: TestDatabase
let double: EventStoreDouble
let postgres: StoredLog
let there: StoredLog
let store: EventStore
let storeThere: EventStore
beforeEach(async () => {
  db = await testDatabase()
  double = await startEventStoreDouble()
  store = await createPostgresEventStore({ url: db.url, codec })
  const options = { url: double.url, streamPrefix: PREFIX, categories: CATEGORIES }
  storeThere = await createEventStoreDbEventStore({ ...options, codec })
  postgres = await openPostgresStoredLog(db.url)
  there = await openEventStoreDbStoredLog(options)
})
afterEach(async () => {
  await Promise.all([store, storeThere, postgres, there].map((each) => each.close()))
  await Promise.all([db.close(), double.close()])
})

const kept = ({ position: _position, ...event }: RecordedEvent) => event
const eventsOf = async (of: EventStore) => (await wholeLog(of)).map(kept)

/** Streams that alternate, some with many events in one append, one with text that is hard to keep. */
const fill = async (to: EventStore, streams: number): Promise<void> => {
  for (let n = 0; n < streams; n += 1) {
    await to.append(`counted-${n}`, NO_STREAM, contractEvents(`counted-${n}`, 0, n % 4))
    await to.append(`noted-${n % 5}-${n}`, NO_STREAM, [
      contractEvent(`noted-${n}`, n, { type: 'Noted.v1', text: 'ü "\\ \u2028 \ud800 \u0007 𝄞' }),
    ])
    if (n > 0)
      await to.append(`counted-${n - 1}`, BigInt((n - 1) % 4), [
        contractEvent(`counted-${n - 1}`, 99),
      ])
  }
}

describe('moving a log', () => {
  it('keeps order, revisions, ids, data and metadata, there and back', async () => {
    await fill(store, 12)
    const original = await eventsOf(store)
    const recorded = await db.pool.query(
      'select position, recorded_at::text from portcullis_events.events order by position',
    )
    const moved = await moveLog({ source: postgres, target: there })
    expect(moved).toMatchObject({ found: 0, copied: original.length })
    expect(await eventsOf(storeThere)).toEqual(original)

    await storeThere.append('counted-new', NO_STREAM, contractEvents('counted-new', 0, 2))
    const grown = await eventsOf(storeThere)
    const back = await testDatabase()
    onTestFinished(() => back.close())
    const target = await openPostgresStoredLog(back.url)
    onTestFinished(() => target.close())
    expect(await moveLog({ source: there, target })).toMatchObject({ copied: grown.length })
    const storeBack = await createPostgresEventStore({ url: back.url, codec })
    onTestFinished(() => storeBack.close())
    expect(await eventsOf(storeBack)).toEqual(grown)
    const again = await back.pool.query(
      'select position, recorded_at::text from portcullis_events.events order by position',
    )
    expect(again.rows.slice(0, original.length)).toEqual(recorded.rows)
    // The log that it came from is a beginning of the one that grew: it takes only what is new.
    expect(await moveLog({ source: there, target: postgres })).toMatchObject({
      found: original.length,
      copied: 3,
    })
    // An engine goes on with it at once.
    expect(
      (await store.append('counted-new', 2n, [contractEvent('counted-new', 3)])).position,
    ).toBe(BigInt(grown.length + 1))
  })

  it('sends appends together, with the user and password of the address', async () => {
    await fill(store, 12)
    const folder = await mkdtemp(path.join(tmpdir(), 'portcullis-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const caFile = path.join(folder, 'ca.pem')
    await writeFile(caFile, certificate.cert)
    const user = { name: 'ada', password: 's3cret' }
    const guarded = await startEventStoreDouble({ tls: certificate, user })
    onTestFinished(() => guarded.close())
    const target = await openEventStoreDbStoredLog({
      url: `esdb://ada:s3cret@127.0.0.1:${guarded.port}?tls=true&tlsCAFile=${caFile}`,
      streamPrefix: PREFIX,
      categories: CATEGORIES,
    })
    onTestFinished(() => target.close())
    const { copied } = await moveLog({ source: postgres, target })
    expect(copied).toBeGreaterThan(40)
    expect(guarded.appends).toEqual({ single: 0, shared: expect.any(Number) })
  })

  it('moves an event of an older version as it is', async () => {
    await store.append('counted-a', NO_STREAM, [contractEvent('counted-a', 0)])
    await db.pool.query(`insert into portcullis_events.events (position, stream, revision, id, type, data, metadata)
      select 2, stream, 1, gen_random_uuid(), 'Counted.v0', '{"old": 1}', metadata from portcullis_events.events`)
    const { verified } = await moveLog({ source: postgres, target: there })
    expect(verified?.events).toBe(2)
    expect((await eventsOf(storeThere))[1]).toMatchObject({ type: 'Counted.v0', data: { old: 1 } })
  })

  it('goes on after failures of the server, with each event once', async () => {
    await fill(store, 12)
    double.faults.dropAfterCommit = 3
    double.faults.refuseAppends = 2
    double.faults.deliverTwice = 5
    const progress: MoveProgress[] = []
    await moveLog({ source: postgres, target: there, onProgress: (told) => progress.push(told) })
    expect(await eventsOf(storeThere)).toEqual(await eventsOf(store))
    const total = (await eventsOf(store)).length
    expect(progress.at(-1)).toEqual({ phase: 'verify', done: total, total })
    double.faults.cutAfterEvents = 7
    expect(await moveLog({ source: there, target: postgres })).toMatchObject({ copied: 0 })
  })

  it.each(['dropAfterCommit', 'notLeader'] as const)(
    'keeps the order when appends that are under way together fail (%s)',
    async (fault) => {
      await fill(store, 40)
      double.faults.appendsBefore = 30
      double.faults[fault] = 1
      await moveLog({ source: postgres, target: there })
      expect(double.faults).toMatchObject({ appendsBefore: 0, [fault]: 0 })
      expect(await eventsOf(storeThere)).toEqual(await eventsOf(store))
    },
  )

  it('stops when the server refuses an append and takes the ones behind it', async () => {
    await fill(store, 40)
    double.faults.appendsBefore = 30
    double.faults.refuseAppends = 1
    await expect(moveLog({ source: postgres, target: there })).rejects.toMatchObject({
      code: 'move.out-of-order',
      message: expect.stringContaining('Give EVENTSTORE_PREFIX another value'),
    })
    await expect(moveLog({ source: postgres, target: there })).rejects.toMatchObject({
      code: 'move.not-a-copy',
    })
  })

  it('writes nothing in a dry run', async () => {
    await fill(store, 3)
    expect(await moveLog({ source: postgres, target: there, dryRun: true })).toEqual({
      found: 0,
      copied: 0,
      verified: undefined,
    })
    expect((await there.end()).events).toBe(0)
  })

  it('refuses a target that holds anything else, or more, and leaves it as it is', async () => {
    await fill(store, 3)
    await storeThere.append('counted-0', NO_STREAM, [contractEvent('other', 1)])
    await expect(moveLog({ source: postgres, target: there })).rejects.toMatchObject({
      code: 'move.not-a-copy',
      message: expect.stringMatching(
        /its event 1 is Counted.v1 .* at counted-0\/0, not Counted.v1/,
      ),
    })
    expect(await eventsOf(storeThere)).toHaveLength(1)
    const empty = await testDatabase()
    onTestFinished(() => empty.close())
    const source = await openPostgresStoredLog(empty.url)
    onTestFinished(() => source.close())
    await expect(moveLog({ source, target: there })).rejects.toThrow('goes on behind event 0')
  })

  it('finds out when one of the events was changed in the target', async () => {
    await fill(storeThere, 3)
    await moveLog({ source: there, target: postgres })
    await db.pool.query('alter table portcullis_events.events disable trigger user')
    await db.pool.query(
      `update portcullis_events.events set metadata = replace(metadata::text, 'contract', 'contrast')::json where position = 5`,
    )
    await expect(moveLog({ source: there, target: postgres })).rejects.toThrow('its event 5 is')
  })

  it('stops when somebody writes to the target meanwhile', async () => {
    await fill(store, 5)
    // As late as it can be: when all is copied, and is to be read.
    const target: StoredLog = {
      ...there,
      fill: async (events, after) => {
        await there.fill(events, after)
        await storeThere.append('counted-late', NO_STREAM, [contractEvent('counted-late', 0)])
      },
    }
    await expect(moveLog({ source: postgres, target })).rejects.toMatchObject({
      code: 'move.log-changed',
    })
  })
})

describe.each(['eventstoredb', 'postgresql'] as const)('a move to %s that is killed', (to) => {
  const start = (): { readonly child: ChildProcess; readonly next: () => Promise<string> } => {
    const file = fileURLToPath(new URL('../testing/move.process.ts', import.meta.url))
    const child = spawn(process.execPath, [file, db.url, double.url, PREFIX, to], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    onTestFinished(() => void child.kill('SIGKILL'))
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    return { child, next: async () => (await lines.next()).value ?? 'ended' }
  }

  it('goes on without a gap and without a repetition', async () => {
    const [from, into] = to === 'eventstoredb' ? [store, storeThere] : [storeThere, store]
    await Promise.all(
      Array.from({ length: 24 }, async (_, n) => {
        for (let m = 0; m < 50; m += 1) {
          const stream = `counted-${n}`
          const expected = m === 0 ? NO_STREAM : BigInt(m * 2 - 1)
          await from.append(stream, expected, contractEvents(stream, m * 2, m * 2 + 1))
        }
      }),
    )
    const original = await eventsOf(from)
    expect(original).toHaveLength(2_400)
    let held = 0
    for (const pages of [1, 1]) {
      const { child, next } = start()
      for (let seen = 0; seen < pages; ) if ((await next()).includes('copy')) seen += 1
      await endProcess(child)
      const now = await eventsOf(into)
      expect(now).toEqual(original.slice(0, now.length))
      expect(now.length).toBeGreaterThan(held)
      expect(now.length).toBeLessThan(original.length)
      held = now.length
    }
    const { child } = start()
    expect(await once(child, 'exit')).toEqual([0, null])
    expect(await eventsOf(into)).toEqual(original)
  })
})
