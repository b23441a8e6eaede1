import { describe, expect, it } from 'vitest'
import { sideBySide } from './sideBySide.ts'

describe('side by side', () => {
  it('answers in the order of the items, whichever ends first, and never more than so many at once', async () => {
    let under = 0
    let most = 0
    const gates = Array.from({ length: 5 }, () => Promise.withResolvers<void>())
    const answers = sideBySide([0, 1, 2, 3, 4], 2, async (item) => {
      under += 1
      most = Math.max(most, under)
      await gates[item]?.promise
      under -= 1
      return `answer ${item}`
    })
    for (const gate of gates.toReversed()) gate.resolve()
    expect(await answers).toEqual([0, 1, 2, 3, 4].map((item) => `answer ${item}`))
    expect(most).toBe(2)
  })

  it('begins nothing new after an error, and lets what is under way end', async () => {
    const begun: number[] = []
    const ended: number[] = []
    const gate = Promise.withResolvers<void>()
    const done = sideBySide([0, 1, 2, 3], 2, async (item) => {
      begun.push(item)
      if (item === 0) {
        queueMicrotask(() => gate.resolve())
        throw new Error('broken')
      }
      await gate.promise
      ended.push(item)
    })
    await expect(done).rejects.toThrow('broken')
    expect({ begun, ended }).toEqual({ begun: [0, 1], ended: [1] })
  })

  it('answers nothing for nothing', async () => {
    expect(await sideBySide([], 4, async () => 1)).toEqual([])
  })
})
