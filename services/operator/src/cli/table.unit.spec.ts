import width from 'string-width'
import { describe, expect, it } from 'vitest'
import { table } from './table.ts'

const HEADER = ['id', 'text']
const ROWS = [
  ['one', 'a text that is long enough to be wrapped'],
  ['another', ''],
]

describe('a table', () => {
  it('is a line a row where there is no end of a line', () => {
    expect(table(HEADER, ROWS, undefined)).toBe(
      'id       text\none      a text that is long enough to be wrapped\nanother',
    )
  })

  it('goes on in the next line of its column, at spaces', () => {
    expect(table(HEADER, ROWS, 30)).toBe(
      'id       text\none      a text that is long\n         enough to be wrapped\nanother',
    )
  })

  it('never cuts what is to be typed: where not even words fit, a row is a block', () => {
    const id = 'quarterly-reporting-for-finance.karl-theodor-zu-guttenberg.r12'
    const shown = table(['request', 'for', 'reason'], [[id, 'Karl-Theodor', 'Audit']], 40)
    expect(shown).toBe(`request: ${id}\nfor:     Karl-Theodor\nreason:  Audit`)
  })

  it('keeps within the room whatever the script of its texts', () => {
    const rows = [
      ['a1', '名前の長い人がここにいます とても 長い 名前', '👩‍👩‍👧 family'],
      ['a2', 'Zoë Ångström', 'x'.repeat(20)],
    ]
    const shown = table(['id', 'name', 'note'], rows, 60).split('\n')
    expect(Math.max(...shown.map((line) => width(line)))).toBeLessThanOrEqual(60)
  })

  it('shows what cannot be seen, and stays one line a row', () => {
    const shown = table(HEADER, [['a', 'x\nfake  row\r\u202e\u001b[31m']], undefined)
    expect(shown.split('\n')).toHaveLength(2)
    expect(shown).toContain('x\\nfake  row\\r\\u{202e}\\u{1b}[31m')
  })
})
