import type { NewEvent } from '@portcullis/core'
import { contractEvent } from '@portcullis/core/contracts'
import { beforeEach, describe, expect, it } from 'vitest'
import { createLogTail, type LogTail, type Written } from './logTail.ts'

/** An append of so many events that ends at a position. */
const written = (position: bigint, count = 1, more: Partial<Written> = {}): Written => ({
  stream: 'a',
  events: Array.from({ length: count }, (_, n) => contractEvent('a', n)),
  bytes: 100,
  position,
  revision: BigInt(count - 1),
  ...more,
})

describe('the tail of the log', () => {
  let tail: LogTail
  beforeEach(() => {
    tail = createLogTail()
  })
  const positions = (after: bigint, limit = 100, types?: readonly string[]) =>
    tail
      .read({ after, limit, ...(types === undefined ? {} : { types }) })
      ?.events.map(({ position }) => position)

  it('knows nothing at first, nor what comes after its end', () => {
    expect(tail.read({ after: 0n, limit: 10 })).toBeUndefined()
    tail.add([written(1n)])
    expect(tail.read({ after: 1n, limit: 10 })).toBeUndefined()
    expect(tail.read({ after: 7n, limit: 10 })).toBeUndefined()
  })

  it('gives each event its place in the log and in its stream', () => {
    const events: readonly NewEvent[] = [contractEvent('b', 4), contractEvent('b', 5)]
    tail.add([written(10n), written(12n, 2, { stream: 'b', events, revision: 5n })])
    expect(tail.read({ after: 10n, limit: 10 })).toEqual({
      events: [
        { ...events[0], stream: 'b', position: 11n, revision: 4n },
        { ...events[1], stream: 'b', position: 12n, revision: 5n },
      ],
      position: 12n,
      caughtUp: true,
    })
  })

  it('begins anew where somebody else has written in between', () => {
    tail.add([written(5n, 5)])
    tail.add([written(8n, 2)])
    expect(positions(5n)).toBeUndefined()
    expect(positions(6n)).toEqual([7n, 8n])
  })

  it('ends a page at its limit, and says whether more is known to follow', () => {
    tail.add([written(5n, 5)])
    expect(tail.read({ after: 0n, limit: 3 })).toMatchObject({ position: 3n, caughtUp: false })
    expect(tail.read({ after: 3n, limit: 2 })).toMatchObject({ position: 5n, caughtUp: true })
  })

  it('leaves out other types, and is past them all the same', () => {
    const noted = contractEvent('b', 0, { type: 'Noted.v1' })
    tail.add([written(3n, 3), written(4n, 1, { events: [noted] }), written(6n, 2)])
    expect(positions(0n, 100, ['Noted.v1'])).toEqual([4n])
    expect(tail.read({ after: 4n, limit: 5, types: ['Noted.v1'] })).toEqual({
      events: [],
      position: 6n,
      caughtUp: true,
    })
  })

  it('keeps the newest thousands of events, and no more than a few megabytes', () => {
    for (let position = 500n; position <= 3_000n; position += 500n)
      tail.add([written(position, 500)])
    expect(positions(999n)).toBeUndefined()
    expect(positions(1_000n, 5_000)).toHaveLength(2_000)
    tail.add([written(3_001n, 1, { bytes: 3 * 1024 * 1024 })])
    tail.add([written(3_002n, 1, { bytes: 3 * 1024 * 1024 })])
    expect(positions(3_000n)).toBeUndefined()
    expect(positions(3_001n)).toEqual([3_002n])
  })

  it('forgets when told to', () => {
    tail.add([written(1n)])
    tail.clear()
    expect(positions(0n)).toBeUndefined()
  })
})
