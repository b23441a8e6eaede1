import { randomBytes } from 'node:crypto'
import { jsonEvent, NO_STREAM as NO_STREAM_THERE } from '@eventstore/db-client'
import { type EventStore, NO_STREAM, type StreamAppend } from '@portcullis/core'
import {
  contractEvent,
  contractEventSchemas,
  contractEvents,
  follow,
  wholeLog,
} from '@portcullis/core/contracts'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createCodec } from '../codec.ts'
import {
  type EventStoreDouble,
  startEventStoreDouble,
} from '../testing/eventStoreDouble/eventStoreDouble.ts'
import { type Connection, connectTo } from './connection.ts'
import { createEventStoreDbEventStore } from './eventStoreDbEventStore.ts'

const codec = createCodec(contractEventSchemas)
const { EVENTSTORE_URL } = process.env
const PATIENCE = { timeout: 60_000, interval: 10 }

// What a server does and the port doesn't show, or promises only of this store: against the server of EVENTSTORE_URL
// where that is set, else against the double.
describe(
  EVENTSTORE_URL === undefined ? 'EventStoreDB (double), as it is' : 'EventStoreDB, as it is',
  () => {
    let double: EventStoreDouble | undefined
    let url: string
    let streamPrefix: string
    let stores: EventStore[]
    let raw: Connection
    beforeEach(async () => {
      double = EVENTSTORE_URL === undefined ? await startEventStoreDouble() : undefined
      url = EVENTSTORE_URL ?? double?.url ?? ''
      streamPrefix = `server_${randomBytes(6).toString('hex')}_`
      stores = []
      raw = connectTo(url)
    })
    afterEach(async () => {
      await Promise.all(stores.map((store) => store.close()))
      await raw.client.dispose()
      await double?.close()
    })
    const open = async (): Promise<EventStore> => {
      const store = await createEventStoreDbEventStore({ url, codec, streamPrefix })
      stores.push(store)
      return store
    }
    const big = (stream: string, n: number, bytes: number) => ({
      ...contractEvent(stream, n),
      data: { n, text: 'x'.repeat(bytes) },
    })

    it('refuses an append of more than 1 MiB in sum before anything is written, and says the limit', async () => {
      const store = await open()
      const two = [big('a', 0, 600 * 1024), big('a', 1, 600 * 1024)]
      const many = Array.from({ length: 5_000 }, (_, n) => big('b', n, 400))
      for (const [stream, events] of [
        ['a', two],
        ['b', many],
      ] as const)
        await expect(store.append(stream, NO_STREAM, events)).rejects.toMatchObject({
          code: 'event-store.append-too-large',
          message: expect.stringMatching(/1048576 bytes at once.*smaller parts/),
        })
      // None of the others either.
      await expect(
        store.appendAll([
          { stream: 'c', expected: NO_STREAM, events: [contractEvent('c', 0)] },
          { stream: 'a', expected: NO_STREAM, events: two },
        ]),
      ).rejects.toMatchObject({ code: 'event-store.append-too-large' })
      expect(await wholeLog(store)).toEqual([])
      // Several streams have a limit each.
      const each = ['a', 'd'].map(
        (stream): StreamAppend => ({
          stream,
          expected: NO_STREAM,
          events: [big(stream, 0, 600 * 1024)],
        }),
      )
      expect(await store.appendAll(each)).toMatchObject([{ revision: 0n }, { revision: 0n }])
    })

    it('serves appends and reads beside more subscriptions than a connection carries', async () => {
      const store = await open()
      const following = Array.from({ length: 130 }, () => follow(store))
      await store.append('a', NO_STREAM, contractEvents('a', 0, 2))
      await vi.waitUntil(() => following.every((each) => each.events().length === 3), PATIENCE)
      await store.append('a', 2n, [contractEvent('a', 3)])
      expect(await store.readStream('a')).toHaveLength(4)
      await vi.waitUntil(() => following.every((each) => each.events().length === 4), PATIENCE)
      await Promise.all(following.map((each) => each.end()))
    })

    it('reads fifty pages of the log at once, again and again', async () => {
      const store = await open()
      const { position } = await store.append('a', NO_STREAM, contractEvents('a', 0, 9))
      for (let round = 0; round < 4; round += 1) {
        const pages = await Promise.all(
          Array.from({ length: 50 }, () => store.readAll({ after: 0n, limit: 100 })),
        )
        for (const page of pages) {
          expect(page.events).toHaveLength(10)
          expect(page.position).toBe(position)
        }
      }
    })

    it('says so when a reader’s place is none of the log’s', async () => {
      const store = await open()
      await store.append('a', NO_STREAM, contractEvents('a', 0, 2))
      const { position } = await store.append('a', 2n, [contractEvent('a', 3)])
      const none = {
        code: 'event-store.position-not-in-log',
        message: expect.stringMatching(/Rebuild/),
      }
      await expect(store.readAll({ after: position - 1n, limit: 10 })).rejects.toMatchObject(none)
      const subscription = store.subscribe({
        after: position - 1n,
        batchSize: 10,
        signal: new AbortController().signal,
      })
      await expect(subscription[Symbol.asyncIterator]().next()).rejects.toMatchObject(none)
    })

    it('tells again that a subscription has caught up when it had fallen back', async () => {
      const store = await open()
      await store.append('a', NO_STREAM, [contractEvent('a', 0)])
      const following = follow(store, { batchSize: 40 })
      await vi.waitUntil(() => following.events().length === 1, PATIENCE)
      for (let batch = 0; batch < 5; batch += 1) {
        const from = batch * 100 + 1
        await store.append('a', BigInt(from - 1), contractEvents('a', from, from + 99))
      }
      await vi.waitUntil(() => following.events().length === 501, PATIENCE)
      await following.end()
      expect(following.events().map(({ data }) => data)).toEqual(
        Array.from({ length: 501 }, (_, n) => ({ n })),
      )
    })

    it('takes an append of nothing, and the same events again without an exact revision', async () => {
      const { client, credentials } = raw
      const stream = `${streamPrefix}raw`
      const events = [0, 1].map((n) =>
        jsonEvent({ id: crypto.randomUUID(), type: 'Counted.v1', data: { n } }),
      )
      await client.appendToStream(stream, events, {
        expectedRevision: NO_STREAM_THERE,
        credentials,
      })
      const nothing = await client.appendToStream(stream, [], { expectedRevision: 1n, credentials })
      expect(nothing.success).toBe(true)
      const again = await client.appendToStream(stream, events, {
        expectedRevision: 'any',
        credentials,
      })
      expect(again.nextExpectedRevision).toBe(1n)
      const read: bigint[] = []
      for await (const { event } of client.readStream(stream)) if (event) read.push(event.revision)
      expect(read).toEqual([0n, 1n])
    })
  },
)
