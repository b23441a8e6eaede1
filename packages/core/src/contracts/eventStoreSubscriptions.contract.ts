import { describe, expect, it, vi } from 'vitest'
import { type EventStore, NO_STREAM } from '../eventStore.ts'
import { contractEvent, contractEvents, follow } from './eventStoreUnderTest.ts'

const PATIENCE = { timeout: 30_000, interval: 5 }

/** The part of the suite about `subscribe`. */
export const describeSubscriptions = (
  current: () => { readonly store: EventStore; another(): Promise<EventStore> },
): void => {
  describe('subscribe', () => {
    it('catches up in batches, then stays live, without a gap or a repeat', async () => {
      const { store } = current()
      await store.append('a', NO_STREAM, contractEvents('a', 0, 24))
      const following = follow(store, { batchSize: 10 })
      await vi.waitUntil(() => following.events().length === 25, PATIENCE)
      expect(following.batches.every((batch) => batch.events.length <= 10)).toBe(true)
      expect(following.batches.map((batch) => batch.caughtUp)).toEqual([false, false, true])
      for (let n = 25; n < 40; n += 1)
        await store.append('a', BigInt(n - 1), [contractEvent('a', n)])
      await vi.waitUntil(() => following.events().length >= 40, PATIENCE)
      await following.end()
      expect(following.events().map((event) => event.data)).toEqual(
        [...Array(40).keys()].map((n) => ({ n })),
      )
      expect(following.batches.at(-1)?.position).toBe(await store.head())
    })

    it('starts after the given position, exclusive', async () => {
      const { store } = current()
      const { position } = await store.append('a', NO_STREAM, contractEvents('a', 0, 1))
      await store.append('a', 1n, [contractEvent('a', 2)])
      const following = follow(store, { after: position })
      await vi.waitUntil(() => following.events().length > 0, PATIENCE)
      await following.end()
      expect(following.events().map((event) => event.data)).toEqual([{ n: 2 }])
    })

    it('sees what another client appends, in one order for everybody', async () => {
      const { store, another } = current()
      const others = [await another(), await another()]
      const followers = [store, ...others].map((client) => follow(client, { batchSize: 7 }))
      await Promise.all(
        others.map(async (client, number) => {
          const stream = `other-${number}`
          await client.append(stream, NO_STREAM, [contractEvent(stream, 0)])
          for (let n = 1; n < 50; n += 1)
            await client.append(stream, BigInt(n - 1), [contractEvent(stream, n)])
        }),
      )
      for (const following of followers)
        await vi.waitUntil(() => following.events().length >= 100, PATIENCE)
      await Promise.all(followers.map((following) => following.end()))
      const { events } = await store.readAll({ after: 0n, limit: 1000 })
      expect(events).toHaveLength(100)
      for (const following of followers) expect(following.events()).toEqual(events)
    })

    it('moves on past events of types that it does not want', async () => {
      const { store } = current()
      const following = follow(store, { types: ['Noted.v1'] })
      await store.append('a', NO_STREAM, contractEvents('a', 0, 9))
      const head = await store.head()
      await vi.waitUntil(() => following.batches.at(-1)?.position === head, PATIENCE)
      expect(following.events()).toEqual([])
      await store.append('b', NO_STREAM, [contractEvent('b', 0, { type: 'Noted.v1' })])
      await vi.waitUntil(() => following.events().length === 1, PATIENCE)
      await following.end()
    })

    it('ends when told to: while it waits, before it starts, and between batches', async () => {
      const { store } = current()
      await store.append('a', NO_STREAM, contractEvents('a', 0, 9))
      const waiting = follow(store)
      await vi.waitUntil(() => waiting.batches.length > 0, PATIENCE)
      await waiting.end()

      const early = store.subscribe({ after: 0n, batchSize: 5, signal: AbortSignal.abort() })
      for await (const batch of early) expect(batch).toBe('never')

      const controller = new AbortController()
      const seen: number[] = []
      const options = { after: 0n, batchSize: 5, signal: controller.signal }
      for await (const batch of store.subscribe(options)) {
        seen.push(batch.events.length)
        controller.abort()
      }
      expect(seen).toEqual([5])
    })

    it('can be left in the middle', async () => {
      const { store } = current()
      await store.append('a', NO_STREAM, contractEvents('a', 0, 9))
      const options = { after: 0n, batchSize: 5, signal: new AbortController().signal }
      for await (const batch of store.subscribe(options)) {
        expect(batch.events).toHaveLength(5)
        break
      }
      await store.append('a', 9n, [contractEvent('a', 10)])
    })
  })
}
