import { addMillis, type Decision, type Instant } from '@portcullis/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { GrantEvent } from '../events.ts'
import { at, checkStorable } from '../testing/index.ts'
import type { GrantCommand } from './grant.commands.ts'
import { grantDecider } from './grant.decide.ts'
import { facts, NOW } from './grant.fixture.ts'
import { grantDesired, grantSettled } from './grant.state.ts'

/** One thing that happens: `work` is a worker's whole try with its fate, `crash` one that never reports. */
type Step =
  | { readonly do: 'hold' | 'release' | 'drop'; readonly assignment: number }
  | {
      readonly do: 'work'
      readonly effect: boolean
      readonly fails: 'no' | 'transient' | 'permanent'
    }
  | { readonly do: 'crash'; readonly effect: boolean }
  | { readonly do: 'retry' }
  | { readonly do: 'wait'; readonly millis: number }

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({
      do: fc.constantFrom('hold' as const, 'release' as const, 'drop' as const),
      assignment: fc.integer({ min: 1, max: 3 }),
    }),
    fc.record({
      do: fc.constant('work' as const),
      effect: fc.boolean(),
      fails: fc.constantFrom('no' as const, 'transient' as const, 'permanent' as const),
    }),
    fc.record({ do: fc.constant('crash' as const), effect: fc.boolean() }),
    fc.record({ do: fc.constant('retry' as const) }),
    // A clock may also go back a little.
    fc.record({
      do: fc.constant('wait' as const),
      millis: fc.integer({ min: -5_000, max: 7_200_000 }),
    }),
  ),
  { maxLength: 40 },
)

/** A grant, a target that really has or hasn't the access, and workers that fail. */
const simulation = (presentAtFirst: boolean) => {
  let state = grantDecider.initialState()
  let now: Instant = NOW
  let target = presentAtFirst
  let operations = 0
  const check = (command: GrantCommand, decision: Decision<GrantEvent>) => {
    checkStorable(decision)
    const before = state
    for (const event of decision.ok ? decision.events : []) {
      if (event.type === 'ProvisioningStarted.v1') {
        if (event.data.operation === 'revoke') expect(before.holders).toEqual([])
        if (before.inFlight !== null) expect(before.inFlight.leaseUntil <= now).toBe(true)
      }
      if (event.type === 'ProvisioningFailed.v1') {
        const { operation, retryAt } = event.data
        if (operation === 'revoke') expect(retryAt).not.toBeNull()
        if (retryAt !== null) expect(retryAt > now).toBe(true)
      }
      state = grantDecider.evolve(state, event)
    }
    const again = grantDecider.decide(command, state, at(now), facts)
    expect(again.ok ? again.events : []).toEqual([])
    for (const holder of state.holders) expect(state.released).not.toContain(holder)
    expect(new Set(state.holders).size).toBe(state.holders.length)
  }
  const send = (command: GrantCommand): Decision<GrantEvent> => {
    const decision = grantDecider.decide(command, state, at(now), facts)
    check(command, decision)
    return decision
  }
  const begin = () => {
    operations += 1
    const operationId = `00000000-0000-4000-8000-${String(operations).padStart(12, '0')}`
    const observed = target ? 'present' : 'absent'
    const decision = send({ type: 'StartOperation', operationId, observed, leaseMillis: 60_000 })
    const started = decision.ok ? decision.events[0] : undefined
    return started?.type === 'ProvisioningStarted.v1' ? started.data : undefined
  }
  const act = (operation: 'grant' | 'revoke') => {
    target = operation === 'grant'
  }
  const run = (step: Step): void => {
    switch (step.do) {
      case 'hold':
        send({ type: 'AddHold', assignmentId: `tools.mira.a${step.assignment}` })
        return
      case 'release':
      case 'drop':
        send({
          type: 'ReleaseHold',
          assignmentId: `tools.mira.a${step.assignment}`,
          reason: step.do === 'release' ? 'assignment-ended' : 'role-removed',
        })
        return
      case 'retry':
        send({ type: 'RetryNow' })
        return
      case 'wait':
        now = addMillis(now, step.millis)
        return
      case 'crash':
      case 'work': {
        const started = begin()
        if (started === undefined) return
        if (step.effect) act(started.operation)
        if (step.do === 'crash') return
        const { operationId } = started
        if (step.fails === 'no') {
          const readBack = target ? 'present' : 'absent'
          send({ type: 'CompleteOperation', operationId, readBack, readAt: now })
          return
        }
        send({
          type: 'FailOperation',
          operationId,
          code: 'x.failed',
          message: 'no',
          transient: step.fails === 'transient',
          retryAfterMillis: null,
        })
        return
      }
      default:
        step satisfies never
    }
  }
  /** From here on everything works: how many tries until desired and actual agree? */
  const heal = (): number => {
    for (let tries = 0; tries < 5; tries += 1) {
      if (grantSettled(state)) return tries
      send({ type: 'RetryNow' })
      now = addMillis(now, 60_000)
      run({ do: 'work', effect: true, fails: 'no' })
    }
    throw new Error(`not settled: ${JSON.stringify(state)}`)
  }
  return { run, heal, state: () => state, target: () => target }
}

describe('grant, whatever happens', () => {
  it('never revokes while held, has one operation in flight, and ends where it should (promises 2 and 4)', () => {
    fc.assert(
      fc.property(fc.boolean(), steps, (presentAtFirst, script) => {
        const it = simulation(presentAtFirst)
        for (const step of script) it.run(step)
        it.heal()
        const desired = grantDesired(it.state())
        if (desired === 'present') expect(it.target()).toBe(true)
        else expect(it.target()).toBe(presentAtFirst)
      }),
      { numRuns: 500 },
    )
  })
})
