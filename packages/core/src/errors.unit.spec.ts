import { describe, expect, it } from 'vitest'
import { codeOf, messageOf } from './errors.ts'

class Refused extends Error {
  readonly code = 'target.refused'
}

describe('what an error says', () => {
  it.each([
    ["Node's code", Object.assign(new Error('no such file'), { code: 'ENOENT' }), 'ENOENT'],
    ['one of ours', new Refused('no'), 'target.refused'],
    ['none', new Error('no'), undefined],
    ['a number', Object.assign(new Error('no'), { code: 14 }), undefined],
    ['something that is no error', { code: 'ENOENT' }, undefined],
    ['nothing', undefined, undefined],
  ])('has a code or not: %s', (_, error, code) => {
    expect(codeOf(error)).toBe(code)
  })

  it.each([
    ['an error', new TypeError('not a function'), 'not a function'],
    ['an error without words', new Error(''), ''],
    ['a text', 'broken', 'broken'],
    ['nothing', undefined, 'undefined'],
  ])('is text: %s', (_, error, text) => {
    expect(messageOf(error)).toBe(text)
  })
})
