import { expect, it } from 'vitest'
import { z } from 'zod'
import { plainText } from './text.ts'

const takes = (text: string): string =>
  (['one', 'many'] as const)
    .filter((lines) => plainText(z.string(), lines).safeParse(text).success)
    .join(' ')

it.each([
  ['', 'one many'],
  ['Design tools, 名前 🙂', 'one many'],
  ['two\nlines', 'many'],
  ['a\ttab', 'many'],
  ['a\r\nb', 'many'],
  ['a\u0000b', ''],
  ['a\u0085b', ''],
  ['a\u2028b', ''],
  ['half \ud83d', ''],
])('takes %j as plain text of lines: %s', (text, lines) => {
  expect(takes(text)).toBe(lines)
})
