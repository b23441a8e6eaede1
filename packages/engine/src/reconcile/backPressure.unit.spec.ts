import {
  type EventStore,
  type NewEvent,
  NO_STREAM,
  type Position,
  RevisionConflict,
} from '@portcullis/core'
import { describe, expect, it } from 'vitest'
import { createBackPressure } from './backPressure.ts'

const event: NewEvent = {
  id: '6f2d7b0e-5c1a-5b8e-9d55-0b1c8f6a7e31',
  type: 'Noted.v1',
  data: {},
  metadata: {
    commandId: 'c',
    correlationId: 'c',
    actor: { kind: 'system', id: 'test' },
    at: '2026-11-23T21:18:00.000Z',
  },
}

/** A log whose positions are bytes, and views that say what was waited for. */
const setUp = (shown = true) => {
  const waits: (readonly [string, Position])[] = []
  let end = 0n
  let outcome: 'new' | 'repeated' | 'conflict' = 'new'
  const store: Pick<EventStore, 'readStreams' | 'appendAll'> = {
    readStreams: async () => [],
    appendAll: async (appends) =>
      appends.map(({ stream, events }) => {
        if (outcome === 'conflict') return new RevisionConflict(stream, NO_STREAM, 0n)
        end += BigInt(events.length) * 400n
        return { revision: 0n, position: end, repeated: outcome === 'repeated' }
      }),
  }
  const pressure = createBackPressure(
    {
      waitForView: async (name, position) => {
        waits.push([name, position])
        return shown
      },
    },
    10,
  )
  const counted = pressure.counting(store)
  return {
    waits,
    append: async (events: number, as: typeof outcome = 'new') => {
      outcome = as
      await counted.appendAll([
        { stream: 'a', expected: NO_STREAM, events: Array.from({ length: events }, () => event) },
      ])
    },
    giveWay: async () => {
      waits.length = 0
      await pressure.giveWay()
      return waits.map(([name, position]) => `${name} ${position}`)
    },
  }
}

describe('the back-pressure on roll-outs', () => {
  it('counts events and not positions: few of them wait for nothing, however many bytes they are', async () => {
    const { append, giveWay } = setUp()
    await append(6)
    await append(4)
    expect(await giveWay()).toEqual([])
  })

  it('waits until the views show all but the last few', async () => {
    const { append, giveWay } = setUp()
    await append(3)
    await append(5)
    await append(6)
    expect(await giveWay()).toEqual(['entitlements 3200', 'grants 3200'])
  })

  it('forgets what was shown', async () => {
    const { append, giveWay } = setUp()
    await append(5)
    await append(6)
    expect(await giveWay()).toEqual(['entitlements 2000', 'grants 2000'])
    expect(await giveWay()).toEqual([])
    await append(4)
    expect(await giveWay()).toEqual([])
    await append(1)
    expect(await giveWay()).toEqual(['entitlements 4400', 'grants 4400'])
  })

  it('waits for a single append that is more than the views may be behind', async () => {
    const { append, giveWay } = setUp()
    await append(11)
    expect(await giveWay()).toEqual(['entitlements 4400', 'grants 4400'])
  })

  it('counts nothing that was not written', async () => {
    const { append, giveWay } = setUp()
    await append(20, 'conflict')
    await append(20, 'repeated')
    expect(await giveWay()).toEqual([])
  })

  it('goes on after a while where the views are slow, and waits again before the next job', async () => {
    const { append, giveWay } = setUp(false)
    await append(11)
    expect(await giveWay()).toEqual(['entitlements 4400'])
    expect(await giveWay()).toEqual(['entitlements 4400'])
  })
})
