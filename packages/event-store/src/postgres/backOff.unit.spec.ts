import { expect, it } from 'vitest'
import { backOff } from './backOff.ts'

it('waits longer from try to try, up to 2 s', () => {
  expect([0, 1, 2, 10].map(backOff)).toEqual([50, 100, 200, 2_000])
})
