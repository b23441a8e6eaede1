import { describe, expect, it } from 'vitest'
import { mergeResults } from './benchResults.ts'

describe('mergeResults', () => {
  it('joins the last lines', () => {
    expect(
      mergeResults([
        { file: 'a', lastLine: '{"x":{"value":1,"unit":"events/s","ratio":0.9}}' },
        { file: 'b', lastLine: '{"y":{"value":2,"unit":"ms"}}' },
      ]),
    ).toEqual({
      x: { value: 1, unit: 'events/s', ratio: 0.9 },
      y: { value: 2, unit: 'ms', ratio: null },
    })
  })

  it.each(['', 'done', '{"x":1}'])('refuses the last line "%s" and names the file', (lastLine) => {
    expect(() => mergeResults([{ file: 'a.bench.ts', lastLine }])).toThrow(
      'a.bench.ts: the last line must be JSON',
    )
  })

  it('refuses a name that is taken', () => {
    const lastLine = '{"x":{"value":1,"unit":"ms"}}'
    expect(() =>
      mergeResults([
        { file: 'a', lastLine },
        { file: 'b', lastLine },
      ]),
    ).toThrow('b: the name "x" is taken')
  })
})
