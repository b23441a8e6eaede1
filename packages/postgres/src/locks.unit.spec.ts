import { expect, it } from 'vitest'
import { LOCK, LOCK_SPACE } from './locks.ts'

it('no two locks have the same number', () => {
  const numbers = Object.values({ ...LOCK, ...LOCK_SPACE })
  expect(numbers).toHaveLength(12)
  expect(new Set(numbers)).toHaveLength(12)
})
