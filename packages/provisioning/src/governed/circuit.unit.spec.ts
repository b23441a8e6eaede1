import { fakeClock } from '@portcullis/core/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { type Circuit, type CircuitChange, createCircuit } from './circuit.ts'

const START = '2026-06-01T08:00:00.000Z'

describe('a circuit', () => {
  let clock = fakeClock(START)
  let changes: CircuitChange[] = []
  let chance = 0
  let circuit: Circuit
  beforeEach(() => {
    clock = fakeClock(START)
    changes = []
    chance = 0
    circuit = createCircuit({
      limits: { failures: 3, openMillis: 5_000, longestOpenMillis: 30_000 },
      clock,
      random: () => chance,
      onChange: (change) => changes.push(change),
    })
  })
  const fail = (times = 1, retryAfterMillis?: number): void => {
    for (let time = 0; time < times; time += 1) circuit.begin().failed('x.down', retryAfterMillis)
  }
  const states = () => changes.map(({ state }) => state)

  it('opens after so many failures in a row, and says until when', () => {
    fail(2)
    circuit.begin().succeeded()
    fail(2)
    expect(circuit.waitMillis()).toBe(0)
    fail()
    expect(circuit.waitMillis()).toBe(5_000)
    expect(changes).toEqual([{ state: 'open', until: '2026-06-01T08:00:05.000Z', code: 'x.down' }])
  })

  it('lets one call through when the time is over; it closes the circuit, or keeps it open for twice as long', () => {
    fail(3)
    for (const millis of [5_000, 10_000, 20_000, 30_000, 30_000]) {
      expect(circuit.waitMillis()).toBe(millis)
      clock.advance(millis)
      expect(circuit.waitMillis()).toBe(0)
      const probe = circuit.begin()
      expect(circuit.waitMillis()).toBeGreaterThan(0)
      probe.failed('x.down')
    }
    clock.advance(30_000)
    circuit.begin().succeeded()
    expect(states().slice(-3)).toEqual(['open', 'half-open', 'closed'])
    fail(3)
    expect(circuit.waitMillis()).toBe(5_000)
  })

  it('lets the next one through when the probe’s caller gave up', () => {
    fail(3)
    clock.advance(5_000)
    circuit.begin().abandoned()
    expect(circuit.waitMillis()).toBe(0)
  })

  it('hears nothing from calls that began before it opened', () => {
    const [early, late] = [circuit.begin(), circuit.begin()]
    fail(3)
    early.succeeded()
    expect(circuit.waitMillis()).toBe(5_000)
    clock.advance(5_000)
    const probe = circuit.begin()
    late.failed('x.down')
    probe.succeeded()
    expect(states()).toEqual(['open', 'half-open', 'closed'])
  })

  it('does as the target asks (Retry-After), at once and within its longest', () => {
    fail(1, 12_000)
    expect(circuit.waitMillis()).toBe(12_000)
    clock.advance(12_000)
    fail(1, 7_200_000)
    expect(circuit.waitMillis()).toBe(30_000)
  })

  it('adds up to a fifth by chance, so that processes don’t come back at once', () => {
    chance = 1
    fail(3)
    expect(circuit.waitMillis()).toBe(6_000)
  })

  it('stays open no longer for a clock that is set back', () => {
    fail(3)
    clock.advance(-3_600_000)
    expect(circuit.waitMillis()).toBe(0)
  })

  const throttle = (times = 1, retryAfterMillis?: number): void => {
    for (let time = 0; time < times; time += 1)
      circuit.begin().throttled('x.throttled', retryAfterMillis)
  }

  it('takes “too many” for no failure, and for no success', () => {
    throttle(50)
    fail(2)
    throttle(50, 0)
    expect(circuit.waitMillis()).toBe(0)
    expect(changes).toEqual([])
    fail()
    expect(circuit.waitMillis()).toBe(5_000)
  })

  it('leaves a target that says “too many” alone for as long as it asks, not longer each time', () => {
    for (let time = 0; time < 4; time += 1) {
      throttle(1, 2_000)
      expect(circuit.waitMillis()).toBe(2_000)
      clock.advance(2_000)
    }
    throttle(1, 7_200_000)
    expect(circuit.waitMillis()).toBe(30_000)
    expect(changes.at(-1)).toMatchObject({ state: 'open', code: 'x.throttled' })
  })

  it('counts failures around “too many” as it does without', () => {
    fail(1)
    throttle(1, 2_000)
    clock.advance(2_000)
    fail(1)
    expect(circuit.waitMillis()).toBe(0)
    expect(states()).toEqual(['open', 'half-open', 'closed'])
    throttle(1, 2_000)
    clock.advance(2_000)
    fail(1)
    expect(circuit.waitMillis()).toBe(5_000)
  })

  it('keeps the length of an opening through “too many” of a probe', () => {
    fail(3)
    clock.advance(5_000)
    throttle(1, 1_000)
    expect(circuit.waitMillis()).toBe(1_000)
    clock.advance(1_000)
    throttle()
    expect(circuit.waitMillis()).toBe(0)
    fail()
    expect(circuit.waitMillis()).toBe(10_000)
  })
})
