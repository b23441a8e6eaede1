import { describe, expect, it } from 'vitest'
import { csvHead, csvLines } from './csvText.ts'

const columns = [
  { name: 'id', of: (row: { readonly text: string }) => row.text },
  { name: 'count', of: () => -1 },
  { name: 'none', of: () => null },
  { name: 'yes', of: () => true },
]
const cell = (text: string): string => csvLines([{ name: 'a', of: (row: string) => row }], [text])

describe('a CSV file', () => {
  it('begins with the names; texts are in quotes, numbers, booleans and nothing are not; lines end with CRLF', () => {
    expect(csvHead(columns)).toBe('id,count,none,yes\r\n')
    expect(csvLines(columns, [{ text: 'x' }, { text: '' }])).toBe('"x",-1,,true\r\n"",-1,,true\r\n')
    expect(csvLines(columns, [])).toBe('')
  })

  it.each([
    ['plain text, 名前 🙂', '"plain text, 名前 🙂"'],
    ['plain', '"plain"'],
    ['say "yes"', '"say ""yes"""'],
    ['two\nlines', '"two\nlines"'],
    ['two\r\nlines', '"two\r\nlines"'],
    ['a; b', '"a; b"'],
  ])('quotes every text: %j', (text, written) => {
    expect(cell(text)).toBe(`${written}\r\n`)
  })

  it.each([
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '\t=1',
    '\r=1',
    '\n=1',
    '  =1',
    ' \n =1',
    '\u00a0=1',
    '＝1',
    '＋1',
    '－1',
    '＠x',
    ' ＝1',
    '=HYPERLINK("http://x","y")',
  ])('writes %j as text, not as a formula', (text) => {
    const written = cell(text)
    const inside = written.replace(/^"/, '')
    expect(inside.startsWith("'")).toBe(true)
    expect(inside.slice(1).startsWith(text.slice(0, 1))).toBe(true)
  })

  it('leaves alone what only looks a little like one', () => {
    for (const text of ['a=1', '1-2', 'x@example.org', "'quoted'"])
      expect(cell(text)).toBe(`"${text}"\r\n`)
  })
})
