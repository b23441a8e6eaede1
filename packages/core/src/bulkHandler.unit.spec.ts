import { beforeEach, describe, expect, it } from 'vitest'
import { createBulkHandler, loadedStream, type StreamCommands } from './bulkHandler.ts'
import type { RecordedEvent } from './events.ts'
import {
  type Counted,
  type CounterFacts,
  type CountTo,
  counter,
} from './testing/counter.fixture.ts'
import { fakeClock } from './testing/fakeClock.ts'
import { fakeStore } from './testing/fakeStore.fixture.ts'

type Item = StreamCommands<{ readonly count: number }, CountTo, Counted, CounterFacts>
const actor = { kind: 'system', id: 'spec' } as const

describe('bulk handler', () => {
  let fake: ReturnType<typeof fakeStore>
  const clock = fakeClock('2026-05-01T08:00:00.000Z')
  beforeEach(() => {
    fake = fakeStore()
  })

  const item = (stream: string, tos: readonly number[], known?: Item['known']): Item => ({
    stream,
    decider: counter,
    commands: tos.map((to) => ({
      command: { type: 'CountTo', to },
      envelope: { commandId: `${stream}-${to}`, actor },
    })),
    facts: () => ({ limit: 10 }),
    ...(known === undefined ? {} : { known }),
  })
  const handleMany = (items: readonly Item[], store = fake.store) =>
    createBulkHandler({ store, clock })(items)
  const streamOf = (stream: string) =>
    fake.log.filter((event) => event.stream === stream) as RecordedEvent<Counted>[]

  it('decides each stream by itself, its commands in turn, and appends what they make together', async () => {
    const appends: string[][] = []
    const store = {
      ...fake.store,
      appendAll: (all: Parameters<typeof fake.store.appendAll>[0]) => {
        appends.push(all.map(({ stream, events }) => `${stream}:${events.length}`))
        return fake.store.appendAll(all)
      },
    }
    const [a, b, c] = await handleMany(
      [item('a', [2, 11, 4]), item('b', [11]), item('c', [1])],
      store,
    )
    expect(appends).toEqual([['a:2', 'c:1']])
    expect(a?.outcomes).toMatchObject([
      { ok: true, state: { count: 2 }, revision: 0n },
      { ok: false, refusal: { code: 'counter.limit' } },
      { ok: true, state: { count: 4 }, revision: 1n },
    ])
    expect(a?.after).toMatchObject({ state: { count: 4 }, revision: 1n })
    expect(a?.after.events.map(({ data }) => data)).toEqual([{ to: 2 }, { to: 4 }])
    expect(b).toMatchObject({
      outcomes: [{ ok: false }],
      after: { revision: undefined, position: 0n },
    })
    expect(c?.after.revision).toBe(0n)
    expect(await handleMany([])).toEqual([])
  })

  it('goes on from what the caller knows, without reading', async () => {
    const [first] = await handleMany([item('a', [2])])
    const blind = { ...fake.store, readStreams: async () => [] }
    const [second] = await handleMany([item('a', [5], first?.after)], blind)
    expect(second?.after).toMatchObject({ state: { count: 5 }, revision: 1n })
    expect(second?.after).toEqual({
      ...loadedStream(counter, streamOf('a')),
      events: expect.anything(),
    })
  })

  it('decides again only where somebody else was first', async () => {
    const [known] = await handleMany([item('a', [1])])
    await handleMany([item('a', [3])])
    const reads: string[] = []
    const store = {
      ...fake.store,
      readStreams: (asks: Parameters<typeof fake.store.readStreams>[0]) => {
        reads.push(...asks.map(({ stream }) => stream))
        return fake.store.readStreams(asks)
      },
    }
    const [a, b] = await handleMany([item('a', [2, 7], known?.after), item('b', [1])], store)
    expect(reads).toEqual(['b', 'a'])
    // The first command's goal had been reached meanwhile.
    expect(a?.outcomes).toMatchObject([
      { ok: true, events: [], revision: 1n },
      { ok: true, state: { count: 7 }, revision: 2n },
    ])
    expect(b?.after.revision).toBe(0n)
  })

  it('gives a repeated command its answer, and decides the others (promise 6)', async () => {
    const [first] = await handleMany([item('a', [2])])
    const [again] = await handleMany([item('a', [2, 4])])
    expect(again?.outcomes).toMatchObject([
      { ok: true, repeated: true, state: { count: 2 }, position: 1n, revision: 0n },
      { ok: true, repeated: false, state: { count: 4 }, revision: 1n },
    ])
    const [known] = await handleMany([item('a', [2], first?.after)])
    expect(known?.outcomes).toMatchObject([{ ok: true, repeated: true, revision: 0n }])
    expect(fake.log).toHaveLength(2)
  })
})
