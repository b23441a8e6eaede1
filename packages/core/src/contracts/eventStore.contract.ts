import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type EventStore, isRevisionConflict, NO_STREAM, RevisionConflict } from '../eventStore.ts'
import { START } from '../events.ts'
import { describeManyStreams } from './eventStoreManyStreams.contract.ts'
import { describeSubscriptions } from './eventStoreSubscriptions.contract.ts'
import {
  contractEvent,
  contractEvents,
  type EventStoreUnderTest,
  wholeLog,
} from './eventStoreUnderTest.ts'

/** What every adapter of the event store port promises. */
export const describeEventStoreContract = (
  name: string,
  makeStore: () => Promise<EventStoreUnderTest>,
): void => {
  describe(`event store contract: ${name}`, () => {
    let log: EventStoreUnderTest
    let store: EventStore
    let clients: EventStore[]

    beforeEach(async () => {
      log = await makeStore()
      store = log.store
      clients = [store]
    })
    afterEach(async () => {
      await Promise.all(clients.map((client) => client.close()))
      await log.stop()
    })
    const another = async (): Promise<EventStore> => {
      const client = await log.another()
      clients.push(client)
      return client
    }

    describe('append', () => {
      it('gives the events their places and returns them as they were, in bigints', async () => {
        const events = contractEvents('s-1', 0, 2)
        const result = await store.append('s-1', NO_STREAM, events)
        expect(result).toEqual({ revision: 2n, position: await store.head(), repeated: false })
        const read = await store.readStream('s-1')
        expect(read).toEqual(
          events.map((event, index) => ({
            ...event,
            stream: 's-1',
            revision: BigInt(index),
            position: read[index]?.position,
          })),
        )
        expect(read.map((event) => typeof event.position)).toEqual(['bigint', 'bigint', 'bigint'])
      })

      it('accepts the exact revision only, and says where the stream is', async () => {
        await store.append('s-1', NO_STREAM, contractEvents('s-1', 0, 1))
        for (const expected of [NO_STREAM, 0n, 2n, 7n] as const) {
          const failed = store.append('s-1', expected, [contractEvent('s-1', 9)])
          await expect(failed).rejects.toEqual(new RevisionConflict('s-1', expected, 1n))
        }
        await expect(store.append('s-2', 0n, [contractEvent('s-2', 0)])).rejects.toEqual(
          new RevisionConflict('s-2', 0n, NO_STREAM),
        )
        await store.append('s-1', 1n, [contractEvent('s-1', 2)])
        expect(await wholeLog(store)).toHaveLength(3)
      })

      it('takes the same events at the same place again without writing them again', async () => {
        const first = await store.append('s-1', NO_STREAM, contractEvents('s-1', 0, 1))
        await store.append('s-1', 1n, [contractEvent('s-1', 2)])
        await store.append('s-2', NO_STREAM, [contractEvent('s-2', 0)])
        expect(await store.append('s-1', NO_STREAM, contractEvents('s-1', 0, 1))).toEqual({
          ...first,
          repeated: true,
        })
        const partly = [contractEvent('s-1', 1), contractEvent('s-1', 9)]
        await expect(store.append('s-1', 0n, partly)).rejects.toThrow(RevisionConflict)
        const longer = contractEvents('s-1', 2, 3)
        await expect(store.append('s-1', 1n, longer)).rejects.toThrow(RevisionConflict)
        const elsewhere = [contractEvent('s-1', 0)]
        await expect(store.append('s-1', 0n, elsewhere)).rejects.toThrow(RevisionConflict)
        expect(await wholeLog(store)).toHaveLength(4)
      })

      it('writes all events or none', async () => {
        const bad = { ...contractEvent('s-1', 1), data: { n: 'one' } }
        const append = store.append('s-1', NO_STREAM, [contractEvent('s-1', 0), bad])
        await expect(append).rejects.toThrow(/Counted\.v1.*data\.n/)
        expect(await store.readStream('s-1')).toEqual([])
        expect(await store.head()).toBe(START)
      })

      it('refuses what it could not give back: unknown types, bigints, events above 1 MiB', async () => {
        const refused = async (event: object, message: RegExp): Promise<void> => {
          const append = store.append('s-1', NO_STREAM, [{ ...contractEvent('s-1', 0), ...event }])
          await expect(append).rejects.toThrow(message)
        }
        await refused({ type: 'Unknown.v1' }, /Unknown\.v1/)
        await refused({ data: { n: 1n } }, /data\.n/)
        await refused({ data: { n: 1, extra: true } }, /data\.extra/)
        await refused({ data: { n: 1, text: 'x'.repeat(1024 * 1024) } }, /bytes/)
        await expect(store.append('', NO_STREAM, contractEvents('', 0, 0))).rejects.toThrow(
          /stream/,
        )
        await expect(store.append('s-1', NO_STREAM, [])).rejects.toThrow(/nothing to append/)
        expect(await store.head()).toBe(START)
      })

      it('keeps any text and large events as they are', async () => {
        const text = 'naïve 門 🚪 "quoted" \\ {a,b} NULL \u0001 \u2028 ي\u0000'
        const large = 'ü'.repeat(500_000)
        await store.append('s-1', NO_STREAM, [
          contractEvent('s-1', 0, { text }),
          contractEvent('s-1', 1, { text: large }),
          contractEvent('s-1', 2, { text: '' }),
        ])
        const read = await (await another()).readStream('s-1')
        expect(read.map((event) => event.data)).toEqual([
          { n: 0, text },
          { n: 1, text: large },
          { n: 2, text: '' },
        ])
      })

      it('lets exactly one of many rivals win, and nobody else lose', async () => {
        const stores = [store, await another(), await another()]
        const rivals = Array.from({ length: 24 }, (_, index) => index)
        const outcomes = await Promise.allSettled(
          rivals.flatMap((index) => {
            const mine = stores[index % 3] ?? store
            return [
              mine.append('contested', NO_STREAM, [contractEvent('contested', index)]),
              mine.append(`free-${index}`, NO_STREAM, [contractEvent(`free-${index}`, 0)]),
            ]
          }),
        )
        const contested = outcomes.filter((_, index) => index % 2 === 0)
        const free = outcomes.filter((_, index) => index % 2 === 1)
        expect(free.every((outcome) => outcome.status === 'fulfilled')).toBe(true)
        expect(contested.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1)
        const reasons = contested.flatMap((o) => (o.status === 'rejected' ? [o.reason] : []))
        expect(reasons.every(isRevisionConflict)).toBe(true)
        expect(await store.readStream('contested')).toHaveLength(1)
      })

      it('keeps order and exact revisions under 16 writers over several connections', async () => {
        const stores = [store, await another(), await another(), await another()]
        const writer = async (number: number): Promise<void> => {
          const mine = stores[number % 4] ?? store
          const stream = `writer-${number}`
          let last = (await mine.append(stream, NO_STREAM, contractEvents(stream, 0, 1))).revision
          for (let n = 2; n < 30; n += 2)
            last = (await mine.append(stream, last, contractEvents(stream, n, n + 1))).revision
        }
        await Promise.all(Array.from({ length: 16 }, (_, number) => writer(number)))
        const events = await wholeLog(store)
        expect(events).toHaveLength(480)
        const positions = events.map((event) => event.position)
        expect(positions).toEqual([...new Set(positions)].sort((a, b) => (a < b ? -1 : 1)))
        for (let number = 0; number < 16; number += 1) {
          const mine = events.filter((event) => event.stream === `writer-${number}`)
          expect(mine.map((event) => Number(event.revision))).toEqual([...Array(30).keys()])
          expect(mine.map((event) => event.data)).toEqual([...Array(30).keys()].map((n) => ({ n })))
        }
      })
    })

    describe('reading', () => {
      it('finds nothing in an empty log or an unknown stream', async () => {
        expect(await store.head()).toBe(START)
        expect(await store.newest()).toBeUndefined()
        expect(await store.readStream('nobody')).toEqual([])
        expect(await store.readAll({ after: START, limit: 10 })).toEqual({
          events: [],
          position: START,
          caughtUp: true,
        })
      })

      it('reads a stream after a revision', async () => {
        await store.append('s-1', NO_STREAM, contractEvents('s-1', 0, 4))
        const tail = await store.readStream('s-1', 2n)
        expect(await store.newest()).toEqual(tail.at(-1))
        expect(tail.map((event) => event.revision)).toEqual([3n, 4n])
        expect(await store.readStream('s-1', 4n)).toEqual([])
      })

      it('gives each of many readers at once their own stream, whole and in order', async () => {
        const streams = Array.from({ length: 30 }, (_, index) => `s-${index}`)
        for (const [index, stream] of streams.entries())
          await store.append(stream, NO_STREAM, contractEvents(stream, 0, index % 4))
        const asked = [...streams, 'none', ...streams]
        const read = await Promise.all(asked.map((stream) => store.readStream(stream)))
        const alone = new Map<string, unknown>([['none', []]])
        for (const stream of streams) alone.set(stream, await store.readStream(stream))
        expect(read).toEqual(asked.map((stream) => alone.get(stream)))
        const tails = streams.map((stream) => store.readStream(stream, 1n))
        expect(
          (await Promise.all(tails)).map((tail) => tail.map(({ revision }) => revision)),
        ).toEqual(streams.map((_, index) => [[], [], [2n], [2n, 3n]][index % 4]))
      })

      it('pages through the log in order', async () => {
        for (const stream of ['a', 'b', 'c'])
          await store.append(stream, NO_STREAM, contractEvents(stream, 0, 2))
        const first = await store.readAll({ after: START, limit: 4 })
        const second = await store.readAll({ after: first.position, limit: 4 })
        const third = await store.readAll({ after: second.position, limit: 4 })
        expect([first, second, third].map((page) => page.events.length)).toEqual([4, 4, 1])
        expect([first, second, third].map((page) => page.caughtUp)).toEqual([false, false, true])
        const streams = [first, second, third].flatMap((page) => page.events.map((e) => e.stream))
        expect(streams).toEqual(['a', 'a', 'a', 'b', 'b', 'b', 'c', 'c', 'c'])
        expect(third.position).toBe(await store.head())
      })

      it('moves the position past events of other types', async () => {
        await store.append('a', NO_STREAM, contractEvents('a', 0, 9))
        await store.append('b', NO_STREAM, [contractEvent('b', 0, { type: 'Noted.v1' })])
        await store.append('c', NO_STREAM, contractEvents('c', 0, 4))
        const types = ['Noted.v1']
        const page = await store.readAll({ after: START, limit: 5, types })
        expect(page.events.map((event) => event.stream)).toEqual(['b'])
        expect(page.position).toBe(await store.head())
        expect(page.caughtUp).toBe(true)
        const none = await store.readAll({ after: START, limit: 5, types: [] })
        expect(none).toEqual({ events: [], position: await store.head(), caughtUp: true })
      })

      it('stops at the limit also with a filter, and loses nothing', async () => {
        for (let n = 0; n < 6; n += 1) {
          const type = n % 2 === 0 ? 'Noted.v1' : 'Counted.v1'
          await store.append(`s-${n}`, NO_STREAM, [contractEvent(`s-${n}`, n, { type })])
        }
        const types = ['Noted.v1']
        const first = await store.readAll({ after: START, limit: 2, types })
        expect(first.events.map((event) => event.data)).toEqual([{ n: 0 }, { n: 2 }])
        expect(first.caughtUp).toBe(false)
        const rest = await store.readAll({ after: first.position, limit: 2, types })
        expect(rest.events.map((event) => event.data)).toEqual([{ n: 4 }])
        expect(rest.caughtUp).toBe(true)
      })

      it('refuses to read on from beyond the end: the log is an older copy', async () => {
        const { position } = await store.append('a', NO_STREAM, contractEvents('a', 0, 0))
        await expect(store.readAll({ after: position + 1n, limit: 1 })).rejects.toThrow(
          /older copy/,
        )
      })
    })

    describeManyStreams(() => ({ store, another }))
    describeSubscriptions(() => ({ store, another }))
  })
}
