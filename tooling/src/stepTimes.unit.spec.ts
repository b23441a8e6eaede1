import { describe, expect, it } from 'vitest'
import { leftOf } from './stepTimes.ts'

describe('how much of npm test is left', () => {
  const known = { types: 12_000, unit: 44_000, int: 300_000, e2e: 400_000 }

  it('by how long each step took the last time', () => {
    expect(leftOf(['int', 'e2e'], known)).toBe('  left: int, e2e; about 12 min, as last time')
    expect(leftOf(['types', 'unit'], known)).toBe('  left: types, unit; about 56 s, as last time')
  })

  it('is not known where one of them has not run here yet', () => {
    expect(leftOf(['int', 'new'], known)).toBeUndefined()
  })

  it('says nothing when nothing is', () => {
    expect(leftOf([], known)).toBeUndefined()
  })
})
