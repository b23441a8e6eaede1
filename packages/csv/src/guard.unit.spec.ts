import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvLines } from './csvText.ts'
import { guarded, unguarded } from './guard.ts'

const PARTS = [
  ...["'", '"', '”', 'a', 'B7', '1', '(', '=', '+', '-', '@', '＝', '＋', '－', '＠', '﹣', '−'],
  ...[' ', '\u00a0', '\u200b', '\ufeff', '\u202e', '\u0000', '\u0007', '🙂'],
  ...[',', ';', '|', '؛', '、', '\t', '\n', '\r', '\r\n', '\v', '\f', '\u0085', '\u2028'],
]
const text = fc.oneof(
  fc.array(fc.constantFrom(...PARTS), { maxLength: 12 }).map((parts) => parts.join('')),
  fc.string({ unit: 'grapheme', maxLength: 20 }),
)

/**
 * The cells of a line as spreadsheets read it: a quote counts only at the beginning of a cell; what follows a closing
 * quote belongs to the cell as it is.
 */
const cellsBy = (separator: string, line: string): readonly string[] => {
  const cells: string[] = []
  let at = 0
  const isEnd = () => at >= line.length || line[at] === separator || /[\r\n]/.test(line[at] ?? '')
  while (at <= line.length) {
    let cell = ''
    if (line[at] === '"') {
      for (at += 1; at < line.length; at += 1) {
        if (line[at] !== '"') cell += line[at]
        else if (line[at + 1] === '"') {
          cell += '"'
          at += 1
        } else break
      }
      at += 1
    }
    for (; !isEnd(); at += 1) cell += line[at]
    cells.push(cell)
    at += 1
  }
  return cells
}

/** What is skipped before a formula by one spreadsheet or other. */
const isFormula = (cell: string): boolean =>
  /^[\s\p{Z}\p{Cc}\p{Cf}]*[=+\-@＝＋－＠﹦﹢﹣﹫−]/u.test(cell)

const lineOf = (...texts: readonly string[]): string =>
  csvLines(
    texts.map((_, index) => ({
      name: `c${index}`,
      of: (row: readonly string[]) => row[index] ?? '',
    })),
    [texts],
  )

describe('texts in a CSV file', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['x;=1+1;y', "x;'=1+1;y"],
    ['Foo;=1+1;Bar', "Foo;'=1+1;Bar"],
    ['x\t=1+1\ty', "x\t'=1+1\ty"],
    ['x|=1+1', "x|'=1+1"],
    ['x,=1+1', "x,'=1+1"],
    ['x; \u00a0\u200b-1', "x;' \u00a0\u200b-1"],
    ['x;"=1+1&";y', 'x;\'"=1+1&";y'],
    ['x;＝1+1', "x;'＝1+1"],
    ['x;﹣1', "x;'﹣1"],
    ['x؛@SUM(A1)', "x؛'@SUM(A1)"],
    ['two\nlines\n=1', "two\nlines\n'=1"],
    ['two\r\n+1', "two\r\n'+1"],
    ['a\u2028=1', "a\u2028'=1"],
    [';;=1', ";;'=1"],
    ['\t=1', "'\t'=1"],
    ["'=1", "''=1"],
  ])('%j is written %j', (plain, safe) => {
    expect(guarded(plain)).toBe(safe)
    expect(unguarded(safe)).toBe(plain)
  })

  it.each(['a=1', '1-2', 'x@example.org', "'quoted'", 'a; b', "O'Neil; -", 'x - y', 'Doe, Jane'])(
    '%j stays, or gets back',
    (plain) => {
      const safe = guarded(plain)
      expect(unguarded(safe)).toBe(plain)
      if (!/[;,] *-/.test(plain)) expect(safe).toBe(plain)
    },
  )

  it('are what they were once the guard is taken off, whatever they hold', () => {
    fc.assert(
      fc.property(text, (plain) => {
        expect(unguarded(guarded(plain))).toBe(plain)
      }),
      { numRuns: 2000 },
    )
  })

  it('are read back by a CSV reader, apart from the guard', () => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        const [cells] = parse(lineOf(one, other)) as string[][]
        expect(cells?.map(unguarded)).toEqual([one, other])
      }),
      { numRuns: 1000 },
    )
  })

  it('begin no formula, whichever separator the file is read by', () => {
    fc.assert(
      fc.property(text, text, text, (one, two, three) => {
        const line = lineOf(one, two, three)
        for (const separator of [',', ';', '\t', '|', '؛', '、'])
          expect(cellsBy(separator, line).filter(isFormula)).toEqual([])
      }),
      { numRuns: 2000 },
    )
  })
})
