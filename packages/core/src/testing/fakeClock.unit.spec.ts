import { describe, expect, it } from 'vitest'
import { describeClockContract } from '../contracts/clock.contract.ts'
import { fakeClock } from './fakeClock.ts'

describeClockContract('fakeClock', () => fakeClock('2026-02-28T23:59:59.999Z'))

describe('fakeClock', () => {
  it('stands still, moves when told, also backwards', () => {
    const clock = fakeClock('2026-02-28T23:59:59.999Z')
    expect(clock.now()).toBe(clock.now())
    clock.advance(1)
    expect(clock.now()).toBe('2026-03-01T00:00:00.000Z')
    clock.advance(-1)
    expect(clock.now()).toBe('2026-02-28T23:59:59.999Z')
    clock.set('2030-01-01T00:00:00Z')
    expect(clock.now()).toBe('2030-01-01T00:00:00.000Z')
  })
})
