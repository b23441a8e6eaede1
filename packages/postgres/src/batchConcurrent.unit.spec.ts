import { describe, expect, it } from 'vitest'
import { batchConcurrent } from './batchConcurrent.ts'

/** Answers each ask with its double, when told to. */
const held = () => {
  const groups: { readonly asks: readonly number[]; readonly go: (error?: Error) => void }[] = []
  const answer = (asks: readonly number[]) =>
    new Promise<readonly number[]>((resolve, reject) => {
      const go = (error?: Error) =>
        error === undefined ? resolve(asks.map((ask) => ask * 2)) : reject(error)
      groups.push({ asks, go })
    })
  const asksOf = () => groups.map(({ asks }) => asks)
  return { groups, answer, asksOf }
}
const settle = async () => {
  for (let turn = 0; turn < 5; turn += 1) await new Promise(setImmediate)
}

describe('batchConcurrent', () => {
  it('sends a lone ask at once, by itself', async () => {
    const { groups, answer, asksOf } = held()
    const answered = batchConcurrent(answer)(21)
    expect(asksOf()).toEqual([[21]])
    groups[0]?.go()
    expect(await answered).toBe(42)
  })

  it('gathers what comes while groups are on their way', async () => {
    const { groups, answer, asksOf } = held()
    const ask = batchConcurrent(answer, { abreast: 2 })
    const answered = Promise.all([1, 2, 3, 4, 5].map(ask))
    expect(asksOf()).toEqual([[1], [2]])
    groups[1]?.go()
    await settle()
    expect(asksOf()).toEqual([[1], [2], [3, 4, 5]])
    groups[0]?.go()
    groups[2]?.go()
    expect(await answered).toEqual([2, 4, 6, 8, 10])
  })

  it('never answers an ask by a group that was sent before it came', async () => {
    const { groups, answer, asksOf } = held()
    const ask = batchConcurrent(answer, { abreast: 1 })
    void ask(1)
    const late = ask(1)
    groups[0]?.go()
    await settle()
    expect(asksOf()).toEqual([[1], [1]])
    groups[1]?.go()
    expect(await late).toBe(2)
  })

  it('keeps groups small', async () => {
    const { groups, answer, asksOf } = held()
    const ask = batchConcurrent(answer, { abreast: 1, most: 2 })
    const answered = Promise.all([1, 2, 3, 4].map(ask))
    for (let group = 0; group < 3; group += 1) {
      groups[group]?.go()
      await settle()
    }
    expect(asksOf()).toEqual([[1], [2, 3], [4]])
    expect(await answered).toEqual([2, 4, 6, 8])
  })

  it('fails a group whole and goes on with the next', async () => {
    const { groups, answer } = held()
    const ask = batchConcurrent(answer, { abreast: 1 })
    const first = ask(1)
    const others = Promise.allSettled([2, 3].map(ask))
    groups[0]?.go()
    await first
    await settle()
    groups[1]?.go(new Error('connection lost'))
    expect((await others).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    const next = ask(4)
    await settle()
    groups[2]?.go()
    expect(await next).toBe(8)
  })

  it('doesn’t leave anybody waiting for an answer that is missing', async () => {
    const ask = batchConcurrent<number, number>(async () => [])
    await expect(ask(1)).rejects.toThrow('1 asks got 0 answers')
  })
})
