import { expect, it } from 'vitest'
import { table } from './output.ts'

const HEADER = ['id', 'text']
const ROWS = [
  ['one', 'a text that is long enough to be cut'],
  ['another', ''],
]

it('everything where there is no end of a line', () => {
  expect(table(HEADER, ROWS, undefined)).toBe(
    'id       text\none      a text that is long enough to be cut\nanother',
  )
})

it('what does not fit is cut from the widest column, down to a few characters', () => {
  expect(table(HEADER, ROWS, 30)).toBe('id       text\none      a text that is long …\nanother')
  expect(table(HEADER, ROWS, 5)).toBe('id       text\none      a text that…\nanother')
})
