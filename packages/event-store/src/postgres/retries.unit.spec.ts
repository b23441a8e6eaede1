import { expect, it } from 'vitest'
import { waitAfter } from './retries.ts'

it('waits longer from try to try, up to 2 s', () => {
  expect([1, 2, 3, 11].map(waitAfter)).toEqual([50, 100, 200, 2_000])
})
