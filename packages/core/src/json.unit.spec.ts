import { describe, expect, it } from 'vitest'
import { jsonEqual } from './json.ts'

describe('jsonEqual', () => {
  it('looks at keys in any order, all the way down', () => {
    expect(jsonEqual({ a: 1, b: [{ c: null }] }, { b: [{ c: null }], a: 1 })).toBe(true)
    expect(jsonEqual([], [])).toBe(true)
    expect(jsonEqual('x', 'x')).toBe(true)
  })

  it('compares bigints by value', () => {
    expect(jsonEqual({ at: 3n }, { at: 3n })).toBe(true)
    expect(jsonEqual({ at: 3n }, { at: 4n })).toBe(false)
  })

  it.each([
    ['numbers', 1, 2],
    ['a number and its text', 1, '1'],
    ['orders of an array', [1, 2], [2, 1]],
    ['a missing key and undefined', {}, { a: undefined }],
    ['two keys with undefined', { a: undefined }, { b: undefined }],
    ['an array and an object', [], {}],
    ['null and an object', null, {}],
    ['deep values', { a: { b: [1] } }, { a: { b: [2] } }],
  ])('tells %s apart', (_what, left, right) => {
    expect(jsonEqual(left, right)).toBe(false)
    expect(jsonEqual(right, left)).toBe(false)
  })
})
