import { expect, it } from 'vitest'
import { asciiDomain } from './domainName.ts'

it.each([
  ['Example.ORG', 'example.org'],
  ['example.org.', 'example.org'],
  ['MÜNCHEN.example', 'xn--mnchen-3ya.example'],
  ['例子.测试', 'xn--fsqu00a.xn--0zwm56d'],
  ['xn--mnchen-3ya.example', 'xn--mnchen-3ya.example'],
  ['a_b.example.com', 'a_b.example.com'],
])('looks %s up as %s', (text, ascii) => {
  expect(asciiDomain(text)).toBe(ascii)
})

it.each([
  '',
  'localhost',
  'a b.org',
  '-a.org',
  'a..org',
  '192.0.2.1',
  'a@b.org',
  `${'a'.repeat(64)}.org`,
])('refuses %j', (text) => {
  expect(asciiDomain(text)).toBeUndefined()
})
