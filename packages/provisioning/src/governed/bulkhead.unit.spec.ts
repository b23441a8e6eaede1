import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { type Bulkhead, createBulkhead, QueueFull } from './bulkhead.ts'
import { createRate } from './rate.ts'

// Timers and the clock go on together, and only when a test says so.
const clock = { now: () => new Date().toISOString() }
const { signal } = new AbortController()

describe('bulkhead', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })
  const open = (concurrency: number, perSecond: number | null = null, burst = 1): Bulkhead =>
    createBulkhead({
      concurrency,
      rate: createRate({ perSecond, burst }, clock),
      clock,
      longestWaitMillis: 5_000,
    })
  /** Takes a place and notes how it went. */
  const asker = (bulkhead: Bulkhead) => {
    const log: string[] = []
    const held: (() => void)[] = []
    return {
      log,
      release: () => held.shift()?.(),
      ask: (name: string, patient = false, until: AbortSignal = signal) =>
        bulkhead.take(patient, until).then(
          (release) => {
            log.push(name)
            held.push(release)
          },
          (error: unknown) =>
            log.push(`${name}: ${error instanceof QueueFull ? 'too long' : String(error)}`),
        ),
    }
  }

  it('are so many side by side, then one for each that is given back, in the order of asking', async () => {
    const { ask, release, log } = asker(open(2))
    for (const name of ['a', 'b', 'c', 'd']) ask(name)
    await vi.advanceTimersByTimeAsync(0)
    expect(log).toEqual(['a', 'b'])
    release()
    await vi.advanceTimersByTimeAsync(0)
    expect(log).toEqual(['a', 'b', 'c'])
    release()
    release()
    await vi.advanceTimersByTimeAsync(0)
    expect(log).toEqual(['a', 'b', 'c', 'd'])
  })

  it('go to those first who have begun, and those wait for as long as they like', async () => {
    const { ask, release, log } = asker(open(1))
    for (const name of ['a', 'b']) ask(name)
    ask('begun', true)
    await vi.advanceTimersByTimeAsync(5_000)
    expect(log).toEqual(['a', 'b: too long'])
    await vi.advanceTimersByTimeAsync(600_000)
    release()
    await vi.advanceTimersByTimeAsync(0)
    expect(log.at(-1)).toBe('begun')
  })

  it('refuse at once when the line is too long for what calls take lately', async () => {
    const { ask, release, log } = asker(open(1))
    ask('hangs')
    await vi.advanceTimersByTimeAsync(5_001)
    ask('a')
    await vi.advanceTimersByTimeAsync(0)
    expect(log).toEqual(['hangs', 'a: too long'])
    release()
    await vi.advanceTimersByTimeAsync(0)
    ask('b')
    await vi.advanceTimersByTimeAsync(0)
    expect(log.at(-1)).toBe('b')
  })

  it('let go of whoever gives up', async () => {
    const { ask, release, log } = asker(open(1))
    const stop = new AbortController()
    ask('a')
    ask('b', true, stop.signal)
    await vi.advanceTimersByTimeAsync(0)
    stop.abort('stopped')
    await vi.advanceTimersByTimeAsync(0)
    ask('c')
    release()
    await vi.advanceTimersByTimeAsync(0)
    expect(log).toEqual(['a', 'b: stopped', 'c'])
  })

  it('come a burst at once and then so many a second', async () => {
    const { ask, log } = asker(open(100, 2, 3))
    for (let call = 1; call <= 20; call += 1) ask(String(call))
    await vi.advanceTimersByTimeAsync(0)
    expect(log.filter((line) => !line.endsWith('too long'))).toEqual(['1', '2', '3'])
    await vi.advanceTimersByTimeAsync(2_000)
    expect(log.filter((line) => !line.endsWith('too long'))).toHaveLength(7)
    // Ten of the others can have theirs within 5 s; the rest was told at once.
    expect(log.filter((line) => line.endsWith('too long'))).toHaveLength(7)
    await vi.advanceTimersByTimeAsync(2_900)
    expect(log.filter((line) => !line.endsWith('too long'))).toHaveLength(12)
  })
})
