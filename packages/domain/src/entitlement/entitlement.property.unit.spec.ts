import {
  type Actor,
  addMillis,
  type Decision,
  type Instant,
  jsonEqual,
  type RecordedEvent,
} from '@portcullis/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { deadlineCommand } from '../deadlineKeys.ts'
import { type Deadline, foldDeadlines } from '../deadlines.ts'
import type { EntitlementEvent, PortcullisEvent } from '../events.ts'
import type { PolicyTerms } from '../policyTerms.ts'
import {
  at,
  checkStorable,
  ENGINE_ACTOR,
  exampleApplication,
  exampleFacts,
  USER_ADMINISTRATOR,
} from '../testing/index.ts'
import type { EntitlementCommand, EntitlementFacts } from './entitlement.commands.ts'
import { entitlementDecider } from './entitlement.decide.ts'
import { entitlementEvents } from './entitlement.events.ts'
import { LEADS, NOW } from './entitlement.fixture.ts'
import { anySteps, anyTerms, type Step } from './entitlement.random.fixture.ts'

const simulation = (policyTerms: PolicyTerms) => {
  let state = entitlementDecider.initialState()
  let now: Instant = NOW
  const log: EntitlementEvent[] = []
  const deadlines = new Map<string, Deadline>()
  const approved = new Set<string>()
  const reminders = new Set<string>()

  const follow = (event: EntitlementEvent): void => {
    const recorded: RecordedEvent<PortcullisEvent> = {
      ...event,
      id: 'e',
      stream: 'entitlement-tools.mira',
      revision: BigInt(log.length),
      position: BigInt(log.length + 1),
      metadata: { commandId: 'c', correlationId: 'c', actor: ENGINE_ACTOR, at: now },
    }
    const { clear, clearPrefixes, set } = foldDeadlines([recorded])
    for (const key of [...deadlines.keys()]) {
      const goes = clear.includes(key) || clearPrefixes.some((prefix) => key.startsWith(prefix))
      if (goes) deadlines.delete(key)
    }
    for (const row of set) deadlines.set(row.key, row)
    state = entitlementDecider.evolve(state, recorded as EntitlementEvent)
    log.push(event)
  }
  const checkEvent = (event: EntitlementEvent): void => {
    switch (event.type) {
      case 'RequestAutoApproved.v1':
        approved.add(event.data.requestId)
        return
      case 'ApprovalGranted.v1':
        expect(event.data.approverId).not.toBe('mira')
        if (event.data.next === null) approved.add(event.data.requestId)
        return
      case 'AssignmentScheduled.v1':
      case 'AssignmentStarted.v1': {
        const start =
          event.type === 'AssignmentStarted.v1' ? event.data.startedAt : event.data.startAt
        expect(approved).toContain(event.data.requestId)
        if (event.data.endAt !== null) expect(event.data.endAt > start).toBe(true)
        return
      }
      case 'AssignmentExtended.v1':
        expect(approved).toContain(event.data.requestId)
        expect(event.data.endAt > event.data.previousEndAt).toBe(true)
        expect(event.data.previousEndAt > now).toBe(true)
        return
      case 'ExtensionReminderDue.v1':
      case 'ExtensionReminderSkipped.v1': {
        const { assignmentId: id, endVersion, offset } = event.data
        expect(reminders).not.toContain(`${id}:${endVersion}:${offset}`)
        reminders.add(`${id}:${endVersion}:${offset}`)
        return
      }
      case 'RolesDelivered.v1':
      case 'DeliveryFailed.v1':
        expect(
          state.assignments.find((a) => a.assignmentId === event.data.assignmentId),
        ).toMatchObject({ status: 'active' })
        return
      default:
    }
  }
  const checkState = (): void => {
    const pending = state.requests.filter(({ status }) => status === 'pendingApproval')
    const current = state.assignments.filter(({ status }) =>
      ['scheduled', 'active'].includes(status),
    )
    expect(pending.length).toBeLessThanOrEqual(1)
    expect(current.length).toBeLessThanOrEqual(1)
    for (const assignment of state.assignments) {
      if (assignment.endAt !== null) expect(assignment.endAt > assignment.startAt).toBe(true)
    }
    // What is to come is known from the state, and the other way round.
    const ofRequests = pending.map(
      ({ requestId, approval }) => `approval:${requestId}:${approval?.stage}`,
    )
    const ofAssignments = current.flatMap((a) => [
      ...(a.status === 'scheduled' ? [`start:${a.assignmentId}`] : []),
      ...(a.status === 'active' && a.endAt !== null
        ? [`expiry:${a.assignmentId}:${a.endVersion}`]
        : []),
      ...a.reminders
        .filter(({ offset }) => !a.reminded.includes(offset))
        .map(({ offset }) => `reminder:${a.assignmentId}:${a.endVersion}:${offset}`),
    ])
    expect([...deadlines.keys()].sort()).toEqual([...ofRequests, ...ofAssignments].sort())
  }
  const send = (
    command: EntitlementCommand,
    actor: Actor,
    facts: EntitlementFacts,
  ): Decision<EntitlementEvent> => {
    const before = state
    const decision = entitlementDecider.decide(command, before, at(now, actor), facts)
    checkStorable(decision)
    for (const event of decision.ok ? decision.events : []) {
      checkEvent(event)
      follow(event)
    }
    checkState()
    const again = entitlementDecider.decide(command, state, at(now, actor), facts)
    expect(again.ok ? again.events : []).toEqual([])
    const unknown = { type: 'Later.v9', data: {} } as unknown
    expect(jsonEqual(entitlementDecider.evolve(state, unknown as EntitlementEvent), state)).toBe(
      true,
    )
    return decision
  }
  const factsFor = (administrator: boolean): EntitlementFacts =>
    exampleFacts([exampleApplication(policyTerms)], {
      approverBasis: LEADS,
      ...(administrator ? { actor: USER_ADMINISTRATOR } : {}),
    })
  const fireWhile = (goOn: (next: Deadline) => boolean): void => {
    for (let fired = 0; deadlines.size > 0; fired += 1) {
      expect(fired).toBeLessThan(20)
      const [next] = [...deadlines.values()].sort((a, b) => (a.dueAt < b.dueAt ? -1 : 1))
      if (next === undefined || !goOn(next)) return
      now = next.dueAt > now ? next.dueAt : now
      const action = deadlineCommand(next.key)
      if (action?.kind !== 'command') throw new Error(`no command for ${next.key}`)
      expect(action.stream).toBe(next.stream)
      const decision = send(action.command, ENGINE_ACTOR, factsFor(false))
      expect(decision.ok && decision.events.length).toBeGreaterThan(0)
      expect(deadlines.has(next.key)).toBe(false)
    }
  }
  return {
    run: ({ wait, timers, make, senderOf, administrator }: Step) => {
      now = addMillis(now, wait)
      if (timers) fireWhile(({ dueAt }) => dueAt <= now)
      const command = make(now, state)
      send(command, senderOf(command), factsFor(administrator))
    },
    /** Every timer that is left, in order and in its time. */
    letTimePass: (): void => fireWhile(() => true),
    types: () => log.map(({ type }) => type),
    state: () => state,
  }
}

describe('entitlement, whatever is sent by whomever and whenever', () => {
  it('keeps its promises, and every timer comes to an end', () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(anyTerms, anySteps, (policyTerms, script) => {
        const it = simulation(policyTerms)
        for (const step of script) it.run(step)
        it.letTimePass()
        for (const type of it.types()) seen.add(type)
        for (const { status, endAt } of it.state().assignments) {
          if (endAt !== null) expect(['ended', 'cancelled']).toContain(status)
        }
      }),
      { numRuns: 300 },
    )
    // Else the property would be about nothing.
    expect([...seen].sort()).toEqual(Object.keys(entitlementEvents).sort())
  }, 60_000)
})
