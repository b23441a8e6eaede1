import { describe, expect, it } from 'vitest'
import { mergeResults } from './benchResults.ts'

const lastLine = (bench: string, results: object): string => JSON.stringify({ bench, results })
const x = { value: 1, unit: 'events/s', ratio: 0.9 }
const y = { value: 2, unit: 'ms' }

describe('mergeResults', () => {
  it('joins the last lines under the names of the benches', () => {
    expect(
      mergeResults([
        { file: 'a.bench.ts', lastLine: lastLine('a', { x, y }) },
        { file: 'b.bench.ts', lastLine: lastLine('b', { x }) },
      ]),
    ).toEqual({ 'a: x': x, 'a: y': y, 'b: x': x })
  })

  it.each(['', 'done', '{"x":1}', '{"bench":"a","results":{"x":1}}'])(
    'refuses the last line %j and names the file',
    (line) => {
      expect(() => mergeResults([{ file: 'a.bench.ts', lastLine: line }])).toThrow(
        'a.bench.ts: the last line must be JSON',
      )
    },
  )

  it('refuses a name that is taken', () => {
    const line = lastLine('a', { x })
    expect(() =>
      mergeResults([
        { file: 'a.bench.ts', lastLine: line },
        { file: 'b.bench.ts', lastLine: line },
      ]),
    ).toThrow('b.bench.ts: the name "a: x" is taken')
  })
})
