import { describe, expect, it } from 'vitest'
import { type Clock, toMillis } from '../instant.ts'

/** What every clock promises, the machine's and a virtual one. */
export const describeClockContract = (name: string, makeClock: () => Clock): void => {
  describe(`clock contract: ${name}`, () => {
    it('tells instants in UTC with milliseconds', () => {
      expect(makeClock().now()).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    })

    it('tells an instant that reads back as the same text', () => {
      const now = makeClock().now()
      expect(new Date(toMillis(now)).toISOString()).toBe(now)
    })

    it('does not go back by itself', () => {
      const clock = makeClock()
      const readings = Array.from({ length: 1000 }, () => clock.now())
      expect(readings).toEqual([...readings].sort())
    })
  })
}
