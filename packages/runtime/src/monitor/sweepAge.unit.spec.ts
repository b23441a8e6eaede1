import { addMillis } from '@portcullis/core'
import { describe, expect, it } from 'vitest'
import { createSweepAge } from './sweepAge.ts'

const START = '2026-06-01T08:00:00.000Z'
const DAY = 86_400_000

describe('the age of the last sweep', () => {
  let now = START
  const at = (millis: number) => addMillis(START, millis)
  const looking = (period = 60) => {
    now = START
    return createSweepAge({ now: () => now }, period)
  }

  it('is late after three periods, not at three', () => {
    const age = looking()
    now = at(400_000)
    expect(age(at(220_000))).toEqual({ seconds: 180, late: false })
    now = at(401_000)
    expect(age(at(220_000))).toEqual({ seconds: 181, late: true })
    expect(age(at(400_500)).late).toBe(false)
  })

  it('gives a process that has just begun three periods for the first one, whatever was before', () => {
    for (const last of [undefined, at(-DAY)]) {
      const age = looking()
      now = at(180_000)
      expect(age(last).late).toBe(false)
      now = at(181_000)
      expect(age(last).late).toBe(true)
    }
  })

  it('isn’t told by a sweep of a clock that was ahead', () => {
    const age = looking()
    now = at(181_000)
    expect(age(at(15 * DAY)).late).toBe(true)
    // Clocks of two machines differ a little.
    expect(age(at(200_000))).toEqual({ seconds: 0, late: false })
  })

  it('counts anew for a process whose own clock was ahead and is set right', () => {
    now = at(15 * DAY)
    const age = createSweepAge({ now: () => now }, 60)
    now = START
    expect(age(at(15 * DAY)).late).toBe(false)
    now = at(181_000)
    expect(age(at(15 * DAY)).late).toBe(true)
  })
})
