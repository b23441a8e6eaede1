import { NO_STREAM, START } from '@portcullis/core'
import {
  contractEvent,
  contractEventSchemas,
  contractEvents,
  wholeLog,
} from '@portcullis/core/contracts'
import { describe, expect, it } from 'vitest'
import { createCodec } from '../codec.ts'
import { startEventStoreDouble } from '../testing/eventStoreDouble/eventStoreDouble.ts'
import { createEventStoreDbEventStore } from './eventStoreDbEventStore.ts'

const codec = createCodec(contractEventSchemas)

describe('a server that others use too', () => {
  it('shows a store only its own streams, up to the last of them', async () => {
    const double = await startEventStoreDouble()
    const open = (options: object) =>
      createEventStoreDbEventStore({ url: double.url, codec, ...options })
    const mine = await open({ streamPrefix: 'mine_', categories: ['s', 't'] })
    const theirs = await open({ streamPrefix: 'theirs_' })
    await theirs.append('s-1', NO_STREAM, contractEvents('s-1', 0, 99))
    expect(await mine.head()).toBe(START)
    const { position } = await mine.append('s-1', NO_STREAM, [contractEvent('s-1', 0)])
    await mine.append('t-1', NO_STREAM, [contractEvent('t-1', 0)])
    const last = await mine.append('s-1', 0n, [contractEvent('s-1', 1)])
    await theirs.append('s-1', 99n, contractEvents('s-1', 100, 299))
    const other = await open({ streamPrefix: 'mine_', categories: ['s', 't'] })
    expect(await other.head()).toBe(last.position)
    expect((await wholeLog(other)).map(({ stream }) => stream)).toEqual(['s-1', 't-1', 's-1'])
    const behind = await other.readAll({ after: position, limit: 10 })
    expect(behind.events.map(({ stream }) => stream)).toEqual(['t-1', 's-1'])
    for (const store of [mine, theirs, other]) await store.close()
    await double.close()
  })
})

describe('a log that others write into too', () => {
  it('passes what is theirs once, however often its end is asked for', async () => {
    const double = await startEventStoreDouble()
    const open = (streamPrefix: string) =>
      createEventStoreDbEventStore({ url: double.url, codec, streamPrefix })
    const mine = await open('mine_')
    const theirs = await open('theirs_')
    const { position } = await mine.append('a', NO_STREAM, [contractEvent('a', 0)])
    for (let batch = 0; batch < 30; batch += 1)
      await theirs.append(`b-${batch}`, NO_STREAM, contractEvents(`b-${batch}`, 0, 99))
    const reader = await open('mine_')
    double.events.read = 0
    expect(await reader.head()).toBe(position)
    expect(double.events.read).toBeGreaterThan(3_000)
    for (let n = 0; n < 5; n += 1) {
      double.events.read = 0
      expect(await reader.head()).toBe(position)
      expect(double.events.read).toBeLessThan(100)
    }
    await theirs.append('c', NO_STREAM, contractEvents('c', 0, 199))
    double.events.read = 0
    expect((await reader.newest())?.position).toBe(position)
    expect(await reader.head()).toBe(position)
    const last = await mine.append('a', 0n, [contractEvent('a', 1)])
    await theirs.append('c', 199n, contractEvents('c', 200, 299))
    expect(await reader.head()).toBe(last.position)
    expect(await reader.newest()).toMatchObject({ stream: 'a', revision: 1n })
    for (const store of [mine, theirs, reader]) await store.close()
    await double.close()
  })
})
