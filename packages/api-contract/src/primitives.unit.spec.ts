import { describe, expect, it } from 'vitest'
import { dateSchema, instantInputSchema, positionSchema, zoneSchema } from './primitives.ts'

const taken = (schema: { safeParse(value: unknown): { success: boolean } }, value: unknown) =>
  schema.safeParse(value).success

describe('instants', () => {
  it.each([
    ['2026-11-23T21:18:00Z', '2026-11-23T21:18:00.000Z'],
    ['2026-11-23T21:18:00.1239Z', '2026-11-23T21:18:00.123Z'],
    ['2026-11-23T21:18:00+05:30', '2026-11-23T15:48:00.000Z'],
    ['2028-02-29T00:00:00-11:00', '2028-02-29T11:00:00.000Z'],
    ['2199-12-31T23:59:59.999Z', '2199-12-31T23:59:59.999Z'],
  ])('%s is read as %s', (text, instant) => {
    expect(instantInputSchema.parse(text)).toBe(instant)
  })

  it.each([
    '2026-11-23',
    '2026-11-23T21:18:00',
    '2027-02-29T00:00:00Z',
    '2026-11-23T24:00:00Z',
    '2026-11-23T21:18:60Z',
    '1970-01-01T00:00:00+00:01',
    '2199-12-31T23:59:59-00:01',
    '+012026-11-23T21:18:00Z',
    1_764_000_000_000,
  ])('%s is refused', (text) => {
    expect(taken(instantInputSchema, text)).toBe(false)
  })
})

describe('dates', () => {
  it('are days of the calendar from 1970 to 2199', () => {
    expect(
      ['1970-01-01', '2199-12-31', '2028-02-29'].map((date) => taken(dateSchema, date)),
    ).toEqual([true, true, true])
    expect(
      ['1969-12-31', '2200-01-01', '2027-02-29', '2027-1-1'].map((date) => taken(dateSchema, date)),
    ).toEqual([false, false, false, false])
  })
})

describe('zones', () => {
  it('are names that the runtime knows, not offsets', () => {
    expect(['Europe/Berlin', 'UTC', 'Asia/Kolkata'].map((zone) => taken(zoneSchema, zone))).toEqual(
      [true, true, true],
    )
    expect(
      ['Mars/Olympus', '+02:00', '', 'Europe/Berlin\n', 'x'.repeat(65)].map((zone) =>
        taken(zoneSchema, zone),
      ),
    ).toEqual([false, false, false, false, false])
  })
})

describe('positions', () => {
  it('fit into 64 bits', () => {
    expect(['0', '42', '9223372036854775807'].map((text) => taken(positionSchema, text))).toEqual([
      true,
      true,
      true,
    ])
    expect(
      ['9223372036854775808', '-1', '', '1.0', '1'.repeat(20), 7].map((text) =>
        taken(positionSchema, text),
      ),
    ).toEqual([false, false, false, false, false, false])
  })
})
