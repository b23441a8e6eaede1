import { describe, expect, it } from 'vitest'
import { lengthText } from './findings.ts'
import { promiseReport } from './promiseReport.ts'
import { createUptime } from './uptime.ts'

describe('promiseReport', () => {
  it('writes a line a promise, with its violations under it', () => {
    const holding = { holds: true, violations: 0, broken: [] }
    expect(
      promiseReport([
        { number: 1, promise: 'The log is the truth', ...holding, checked: 1234 },
        {
          number: 2,
          promise: 'Nothing outlives its end',
          holds: false,
          checked: 1,
          violations: 1002,
          broken: ['a is left', 'b is left'],
        },
        { number: 7, promise: 'Read your own writes', ...holding, checked: 0 },
      ]),
    ).toBe(
      [
        '1 holds  The log is the truth (1,234 facts)',
        '2 BROKEN Nothing outlives its end (1 fact)',
        '    - a is left',
        '    - b is left',
        '    - and 1,000 more',
        '7 holds  Read your own writes (nothing to look at)',
      ].join('\n'),
    )
  })
})

describe('lengthText', () => {
  it.each([
    [0, '0 ms'],
    [-5, '0 ms'],
    [999, '999 ms'],
    [40_000, '40 s'],
    [90_061_000, '1 d 1 h'],
    [86_400_000 + 60_000, '1 d'],
    [5_400_000, '1 h 30 min'],
  ])('%i', (millis, text) => expect(lengthText(millis)).toBe(text))
})

describe('createUptime', () => {
  const minute = (n: number) => `2026-05-01T08:${String(n).padStart(2, '0')}:00.000Z`

  it('leaves out downtimes, each minute once', () => {
    const uptime = createUptime([
      { from: minute(20), to: minute(30) },
      { from: minute(5), to: minute(10) },
      { from: minute(8), to: minute(12) },
    ])
    expect(uptime(minute(0), minute(40))).toBe((40 - 7 - 10) * 60_000)
    expect(uptime(minute(25), minute(31))).toBe(60_000)
    expect(uptime(minute(21), minute(29))).toBe(0)
    expect(uptime(minute(9), minute(4))).toBe(0)
  })
})
