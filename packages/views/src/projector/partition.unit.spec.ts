import { expect, it } from 'vitest'
import { partOf } from './partition.ts'

const streams = Array.from({ length: 8_000 }, (_, index) => `grant-wiki.editor.person-${index}`)

it('puts a stream into the same part for ever', () => {
  expect(streams.slice(0, 8).map((stream) => partOf(stream, 4))).toEqual([2, 1, 0, 3, 2, 1, 0, 3])
  expect(streams.every((stream) => partOf(stream, 1) === 0)).toBe(true)
})

it.each([2, 3, 4, 16])('spreads streams evenly over %i parts', (of) => {
  const counts = Array.from({ length: of }, () => 0)
  for (const stream of streams) {
    const part = partOf(stream, of)
    counts[part] = (counts[part] ?? 0) + 1
  }
  const fair = streams.length / of
  for (const count of counts) expect(Math.abs(count - fair)).toBeLessThan(fair / 4)
})
