import { describe, expect, it } from 'vitest'
import { type EventStore, NO_STREAM, RevisionConflict, type StreamAppend } from '../eventStore.ts'
import { START } from '../events.ts'
import { contractEvent, contractEvents, wholeLog } from './eventStoreUnderTest.ts'

/** The part of the contract about many streams at once. */
export const describeManyStreams = (
  current: () => { readonly store: EventStore; readonly another: () => Promise<EventStore> },
): void => {
  const names = (count: number): readonly string[] =>
    Array.from({ length: count }, (_, index) => `many-${index}`)

  describe('many streams at once', () => {
    it('appends to each as if it were alone, and reads each as if it were alone', async () => {
      const { store } = current()
      const streams = names(1200)
      const outcomes = await store.appendAll(
        streams.map((stream, index) => ({
          stream,
          expected: NO_STREAM,
          events: contractEvents(stream, 0, index % 3),
        })),
      )
      expect(outcomes.map((outcome) => 'revision' in outcome && outcome.revision)).toEqual(
        streams.map((_, index) => BigInt(index % 3)),
      )
      const read = await store.readStreams(streams.map((stream) => ({ stream })))
      for (const index of [0, 1, 2, 599, 1199]) {
        const alone = await store.readStream(streams[index] ?? '')
        expect(read[index]).toEqual(alone)
        expect(outcomes[index]).toEqual({
          revision: alone.at(-1)?.revision,
          position: alone.at(-1)?.position,
          repeated: false,
        })
      }
      expect(await wholeLog(store)).toHaveLength(2400)
    })

    it('puts them into the log in their order, where that is asked for', async () => {
      const { store } = current()
      const streams = names(300).toReversed()
      await store.appendAll(
        streams.map((stream, index) => ({
          stream,
          expected: NO_STREAM,
          events: contractEvents(stream, 0, index % 7),
        })),
        { inOrder: true },
      )
      const log = (await wholeLog(store)).map(({ stream }) => stream)
      expect([...new Set(log)]).toEqual(streams)
    })

    it('keeps the order between those that aren’t peers', async () => {
      const { store } = current()
      const streams = names(300).toReversed()
      const part = (stream: string) => String(Math.floor(streams.indexOf(stream) / 7))
      await store.appendAll(
        streams.map((stream) => ({
          stream,
          expected: NO_STREAM,
          events: contractEvents(stream, 0, 0),
        })),
        { inOrder: true, peers: part },
      )
      const log = (await wholeLog(store)).map(({ stream }) => stream)
      expect(log.map(part)).toEqual(streams.map(part))
      expect(log.toSorted()).toEqual(streams.toSorted())
    })

    it('reads after a revision, what isn’t there, and a stream twice, in the order of the asks', async () => {
      const { store } = current()
      await store.append('a', NO_STREAM, contractEvents('a', 0, 3))
      await store.append('b', NO_STREAM, contractEvents('b', 0, 0))
      const read = await store.readStreams([
        { stream: 'none' },
        { stream: 'a', after: 1n },
        { stream: 'b' },
        { stream: 'a' },
        { stream: 'b', after: 0n },
      ])
      expect(read.map((events) => events.map(({ revision }) => revision))).toEqual([
        [],
        [2n, 3n],
        [0n],
        [0n, 1n, 2n, 3n],
        [],
      ])
      expect(await store.readStreams([])).toEqual([])
    })

    it('tells each stream its own outcome: appended, repeated, elsewhere', async () => {
      const { store } = current()
      const first = await store.append('old', NO_STREAM, contractEvents('old', 0, 1))
      await store.append('moved', NO_STREAM, contractEvents('moved', 0, 1))
      const events = (stream: string) => contractEvents(stream, 0, 1)
      const outcomes = await store.appendAll([
        { stream: 'moved', expected: NO_STREAM, events: [contractEvent('moved', 7)] },
        { stream: 'new', expected: NO_STREAM, events: events('new') },
        { stream: 'old', expected: NO_STREAM, events: events('old') },
        { stream: 'gone', expected: 4n, events: events('gone') },
        { stream: 'late', expected: NO_STREAM, events: [contractEvent('late', 0)] },
      ])
      expect(outcomes).toEqual([
        new RevisionConflict('moved', NO_STREAM, 1n),
        { revision: 1n, position: expect.any(BigInt), repeated: false },
        { ...first, repeated: true },
        new RevisionConflict('gone', 4n, NO_STREAM),
        { revision: 0n, position: expect.any(BigInt), repeated: false },
      ])
      const log = (await wholeLog(store)).map(({ stream }) => stream)
      expect(log.toSorted()).toEqual(['late', 'moved', 'moved', 'new', 'new', 'old', 'old'])
      expect(await store.appendAll([])).toEqual([])
    })

    it('writes nothing when one of the events or streams can’t be stored, or a stream is given twice', async () => {
      const { store } = current()
      const append = (stream: string, more: object = {}): StreamAppend => ({
        stream,
        expected: NO_STREAM,
        events: [{ ...contractEvent(stream, 0), ...more }],
      })
      const refused = (appends: readonly StreamAppend[], message: RegExp) =>
        expect(store.appendAll(appends)).rejects.toThrow(message)
      await refused([append('a'), append('b', { data: { n: 'one' } })], /Counted\.v1.*data\.n/)
      await refused([append('a'), append('b'), append('a')], /stream a is given twice/)
      await refused([append('a'), append('two words')], /stream name/)
      await refused([append('a'), { ...append('b'), events: [] }], /nothing to append/)
      expect(await store.head()).toBe(START)
    })

    it('lets one of several bulk writers win each stream, and nobody lose twice', async () => {
      const { store, another } = current()
      const streams = names(60)
      const writers = [store, await another(), await another()]
      const outcomes = await Promise.all(
        writers.map((writer, number) =>
          writer.appendAll(
            streams.map((stream) => ({
              stream,
              expected: NO_STREAM,
              events: [contractEvent(stream, number)],
            })),
          ),
        ),
      )
      for (const [index] of streams.entries()) {
        const won = outcomes.filter((all) => !(all[index] instanceof RevisionConflict))
        expect(won).toHaveLength(1)
      }
      expect(await wholeLog(store)).toHaveLength(streams.length)
    })
  })
}
