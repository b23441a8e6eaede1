import { describe, expect, it } from 'vitest'
import { rollOutLine } from './rollOut.ts'

const found = {
  packageId: 'kit',
  rolesVersion: 2,
  toVersion: 2,
  state: 'running',
  since: '2026-06-01T08:00:00.000Z',
  changes: [],
  waiting: [],
  changedAt: '2026-06-01T08:00:00.000Z',
  total: 300_000,
  upToDate: 37_500,
  failed: 3,
  left: 262_497,
  perSecond: 4800,
  secondsLeft: 55,
  doneAt: null,
} as const

describe('the line that shows how far a roll-out is', () => {
  it('says everything while it runs', () => {
    expect(rollOutLine(found)).toBe(
      'running: 37,500 of 300,000 (12 %), 3 failed, 262,497 left, 4,800 a second, about 55 s to go',
    )
    expect(rollOutLine({ ...found, secondsLeft: 600 })).toContain('about 10 min to go')
    expect(rollOutLine({ ...found, secondsLeft: 36_000 })).toContain('about 10 h to go')
  })
  it('leaves out what there is nothing to say of', () => {
    const done = { upToDate: 300_000, failed: 0, left: 0, perSecond: null, secondsLeft: null }
    expect(rollOutLine({ ...found, ...done, state: 'done' })).toBe(
      'done: 300,000 of 300,000 (100 %)',
    )
    expect(rollOutLine({ ...found, ...done, state: 'held', total: 0, upToDate: 0 })).toBe(
      'held: 0 of 0 (100 %)',
    )
  })
})
