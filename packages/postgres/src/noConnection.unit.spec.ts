import { expect, it } from 'vitest'
import { askAgainAfter } from './noConnection.ts'

it('asks a full server again after a while that grows, up to a second', () => {
  expect([1, 2, 3, 4, 5, 6, 100].map(askAgainAfter)).toEqual([50, 100, 200, 400, 800, 1_000, 1_000])
})
