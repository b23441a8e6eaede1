import { expect, it } from 'vitest'
import { waitAfter } from './retries.ts'

it('waits a minute, then twice as long each time, at most an hour', () => {
  const minutes = [1, 2, 3, 4, 5, 6, 7, 8, 1000].map((attempts) => waitAfter(attempts) / 60_000)
  expect(minutes).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60])
})
