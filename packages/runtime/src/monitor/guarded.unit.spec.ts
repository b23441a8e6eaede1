import { describe, expect, it } from 'vitest'
import { guarded, NoAnswerInTime } from './guarded.ts'

/** A look that is answered by hand, and a clock that stands still. */
const underTest = (timeoutMillis = 60_000) => {
  const started: PromiseWithResolvers<string>[] = []
  let now = 0
  const ask = guarded(
    () => {
      const look = Promise.withResolvers<string>()
      started.push(look)
      return look.promise
    },
    { timeoutMillis, keepMillis: 1000, steadyMillis: () => now },
  )
  return {
    ask,
    started,
    later: (millis: number) => {
      now += millis
    },
  }
}

describe('guarded', () => {
  it('looks once for all who ask at the same time', async () => {
    const { ask, started } = underTest()
    const asked = [ask(), ask(), ask()]
    started[0]?.resolve('a')
    expect(await Promise.all(asked)).toEqual(['a', 'a', 'a'])
    expect(started).toHaveLength(1)
  })

  it('keeps an answer for as long as it counts, then looks again', async () => {
    const { ask, started, later } = underTest()
    const first = ask()
    started[0]?.resolve('a')
    await first
    later(999)
    expect(await ask()).toBe('a')
    later(1)
    const second = ask()
    started[1]?.resolve('b')
    expect(await second).toBe('b')
  })

  it('keeps no failure', async () => {
    const { ask, started } = underTest()
    const first = ask()
    started[0]?.reject(new Error('down'))
    await expect(first).rejects.toThrow('down')
    const second = ask()
    started[1]?.resolve('up')
    expect(await second).toBe('up')
  })

  it('doesn’t wait for ever for a look that hangs, nor starts another one beside it', async () => {
    const { ask, started } = underTest(1)
    await expect(ask()).rejects.toThrow(NoAnswerInTime)
    await expect(ask()).rejects.toThrow('no answer within 1 ms')
    expect(started).toHaveLength(1)
    started[0]?.resolve('late')
    await started[0]?.promise
    expect(await ask()).toBe('late')
  })
})
