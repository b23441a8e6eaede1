import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { keepTransactionAlive } from './keepTransactionAlive.ts'

describe('keepTransactionAlive', () => {
  const ping = vi.fn<() => Promise<unknown>>()
  beforeEach(() => {
    vi.useFakeTimers()
    ping.mockReset().mockResolvedValue(undefined)
  })
  afterEach(() => vi.useRealTimers())

  /** Work that is done when told to. */
  const begin = (patienceMillis: number) => {
    const work = Promise.withResolvers<void>()
    return { ended: keepTransactionAlive(ping, patienceMillis, () => work.promise), ...work }
  }

  it('pings three times as often as it must, and none after the work', async () => {
    const { ended, resolve } = begin(6_000)
    await vi.advanceTimersByTimeAsync(12_000)
    expect(ping).toHaveBeenCalledTimes(6)
    resolve()
    await ended
    await vi.advanceTimersByTimeAsync(12_000)
    expect(ping).toHaveBeenCalledTimes(6)
  })

  it('waits for its own ping before another, and before the end', async () => {
    const pinged = Promise.withResolvers<unknown>()
    ping.mockReturnValue(pinged.promise)
    const { ended, resolve } = begin(6_000)
    await vi.advanceTimersByTimeAsync(12_000)
    expect(ping).toHaveBeenCalledTimes(1)
    resolve()
    const over = vi.fn()
    void ended.then(over)
    await vi.advanceTimersByTimeAsync(1)
    expect(over).not.toHaveBeenCalled()
    pinged.resolve(undefined)
    await ended
  })

  it('leaves work that hangs to the server after a minute', async () => {
    const { ended, resolve } = begin(6_000)
    await vi.advanceTimersByTimeAsync(300_000)
    expect(ping).toHaveBeenCalledTimes(30)
    resolve()
    await ended
  })

  it('leaves it to the work to fail', async () => {
    ping.mockRejectedValue(new Error('the connection is gone'))
    const { ended, reject } = begin(6_000)
    await vi.advanceTimersByTimeAsync(12_000)
    reject(new Error('the work says so'))
    await expect(ended).rejects.toThrow('the work says so')
  })
})
