import { describe, expect, it } from 'vitest'
import { accept } from '../refusals.ts'
import { type Counted, counter } from './counter.fixture.ts'
import { SpecificationError } from './specificationError.ts'
import { specify } from './specify.ts'

const context = { now: '2026-01-01T00:00:00.000Z', actor: { kind: 'system', id: 't' } } as const
const counted = (to: number): Counted => ({ type: 'Counted.v1', data: { to } })
const facts = { limit: 10 }
const countTo = (to: number) =>
  specify(counter)
    .given([counted(2)])
    .when({ type: 'CountTo', to }, context, facts)

describe('specify', () => {
  it('passes what holds', () => {
    countTo(3).thenEvents([counted(3)])
    countTo(2).thenNothing()
    countTo(11).thenRefused('counter.limit', {
      kind: 'not-allowed',
      data: { limit: 10 },
      message: 'at most',
    })
    expect(countTo(3).state).toEqual({ count: 3 })
    expect(countTo(11).state).toEqual({ count: 2 })
  })

  it.each([
    ['another event', () => countTo(3).thenEvents([counted(4)])],
    ['one event too many', () => countTo(3).thenEvents([counted(3), counted(4)])],
    ['a field too many', () => countTo(3).thenEvents([{ ...counted(3), more: 1 } as Counted])],
    ['a refusal in place of events', () => countTo(11).thenEvents([])],
    ['events in place of a refusal', () => countTo(3).thenRefused('counter.limit')],
    ['another code', () => countTo(11).thenRefused('counter.other')],
    ['another kind', () => countTo(11).thenRefused('counter.limit', { kind: 'invalid' })],
    ['other data', () => countTo(11).thenRefused('counter.limit', { data: { limit: 9 } })],
    ['another message', () => countTo(11).thenRefused('counter.limit', { message: 'zebra' })],
    ['events in place of nothing', () => countTo(3).thenNothing()],
    ['a refusal in place of nothing', () => countTo(11).thenNothing()],
  ])('fails on %s', (_what, run) => {
    expect(run).toThrow(SpecificationError)
  })

  it('fails when deciding again emits again', () => {
    const forgetful = { ...counter, decide: () => accept(counted(9)) }
    expect(() =>
      specify(forgetful).given([]).when({ type: 'CountTo', to: 9 }, context, facts),
    ).toThrow(/must emit nothing/)
  })

  it('fails when a decision depends on more than its input', () => {
    let calls = 10
    const moody = {
      ...counter,
      decide: () => {
        calls += 1
        return accept(counted(calls))
      },
    }
    expect(() => specify(moody).given([]).when({ type: 'CountTo', to: 9 }, context, facts)).toThrow(
      /isn’t pure/,
    )
  })

  it('fails when a decider changes what it was handed', () => {
    const careless = {
      ...counter,
      evolve: (state: { count: number }, event: Counted) => {
        state.count = event.data.to
        return state
      },
    }
    expect(() =>
      specify(careless)
        .given([counted(1)])
        .when({ type: 'CountTo', to: 2 }, context, facts),
    ).toThrow(TypeError)
  })

  it('fails when an unknown event changes the state', () => {
    const gullible = { ...counter, evolve: () => ({ count: Number.NaN, seen: [] }) }
    expect(() =>
      specify({ ...gullible, decide: () => accept<Counted>() })
        .given([])
        .when({ type: 'CountTo', to: 2 }, context, facts),
    ).toThrow(/unknown event/)
  })
})
