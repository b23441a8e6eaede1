import { describe, expect, it } from 'vitest'
import { jsonEqual } from './json.ts'

describe('jsonEqual', () => {
  it.each([
    [1, 1],
    [null, null],
    [
      { a: 1, b: [{ c: null }] },
      { b: [{ c: null }], a: 1 },
    ],
    [{ at: 3n }, { at: 3n }],
    [[], []],
  ])('%j equals %j', (left, right) => {
    expect(jsonEqual(left, right)).toBe(true)
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
