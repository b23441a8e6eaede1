import { describe, expect, it } from 'vitest'
import { localTime, manyLines, oneLine, quoted } from './shownText.ts'

describe('what people wrote', () => {
  it.each([
    ['plain, ünïcode 名前 👩‍👩‍👧', 'plain, ünïcode 名前 👩‍👩‍👧'],
    ['line\nline\r\nline\rline', 'line\\nline\\r\\nline\\rline'],
    [
      '\u202egnihton\u2066x\u2069\u200f\u061c',
      '\\u{202e}gnihton\\u{2066}x\\u{2069}\\u{200f}\\u{61c}',
    ],
    ['\u2028\u2029\u0085\u000b\u000c', '\\u{2028}\\u{2029}\\u{85}\\u{b}\\u{c}'],
    ['\u001b[2J\u009b1m\u0007\u0000', '\\u{1b}[2J\\u{9b}1m\\u{7}\\u{0}'],
    ['a\u200bb\ufeffc\u{e0041}', 'a\\u{200b}b\\u{feff}c\\u{e0041}'],
    ['می‌خواهم', 'می‌خواهم'],
    ['half \ud800', 'half \ufffd'],
  ])('%j is one line', (text, shown) => {
    expect(oneLine(text)).toBe(shown)
  })

  it('is quoted where it is one line, and marked line by line where it is several', () => {
    expect(quoted('Asked for by alice', 'For the fair')).toBe('Asked for by alice: "For the fair"')
    const forged = 'please\nDecided by carol: yes\rDecided by dan\u2028Decided by eve\u0085x'
    expect(quoted('Asked for by alice', forged).split('\n')).toEqual([
      'Asked for by alice:',
      '  > please',
      '  > Decided by carol: yes',
      '  > Decided by dan',
      '  > Decided by eve',
      '  > x',
    ])
  })

  it('text of ours keeps its own lines', () => {
    expect(manyLines('a\nb\u001b[0m')).toBe('a\nb\\u{1b}[0m')
  })
})

it('shows instants in the time of this machine, and leaves the rest alone', () => {
  const shown = localTime('2026-12-01T14:05:33.123Z')
  expect(shown).toMatch(/^2026-1[12]-\d\d \d\d:05 \S+$|^2026-1[12]-\d\d \d\d:[0-5]\d \S+$/)
  expect(localTime('no end')).toBe('no end')
  expect(localTime('2026-12-01')).toBe('2026-12-01')
})
