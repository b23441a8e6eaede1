import { addMillis, deriveId, type RecordedEvent } from '@portcullis/core'
import { type GrantCommand, type GrantState, grantDecider, grantSettled } from '@portcullis/domain'
import { describe, expect, it } from 'vitest'
import type { ViewEvent } from '../projector/projection.ts'
import { foldGrant, waitOf } from './grants.fold.ts'
import type { GrantRow, GrantViewEvent } from './grants.row.ts'

const facts = { resourceId: 'wiki', roleId: 'editor', subjectId: 'alice' }
const BEGIN = Date.UTC(2026, 2, 1)
const at = (seconds: number): string => new Date(BEGIN + seconds * 1000).toISOString()

/** A grant as the rules and the view see it, from the same commands. */
const play = () => {
  let state: GrantState = grantDecider.initialState()
  let row: GrantRow | undefined
  let seconds = 0
  let position = 0n
  return {
    state: () => state,
    row: () => row,
    now: () => at(seconds),
    wait: (more: number) => {
      seconds += more
    },
    send: (sent: GrantCommand): boolean => {
      const command = sent.type === 'StartOperation' ? { ...sent, lookedAt: state.news } : sent
      const actor = { kind: 'system', id: 'engine' } as const
      const decision = grantDecider.decide(command, state, { now: at(seconds), actor }, facts)
      if (!decision.ok) return false
      for (const event of decision.events) {
        position += 1n
        state = grantDecider.evolve(state, event)
        const id = deriveId('spec', String(position))
        const recorded: RecordedEvent<typeof event> = {
          ...event,
          id,
          stream: 'grant-wiki.editor.alice',
          revision: position - 1n,
          position,
          metadata: { commandId: id, correlationId: id, actor, at: at(seconds) },
        }
        row = foldGrant(row, recorded satisfies ViewEvent as GrantViewEvent)
      }
      return decision.events.length > 0
    },
  }
}

const operationId = (number: number): string => deriveId('operation', number)
const start = (number: number, observed: 'present' | 'absent', lookedAt = 0): GrantCommand => ({
  type: 'StartOperation',
  operationId: operationId(number),
  observed,
  lookedAt,
  leaseMillis: 60_000,
})
const complete = (number: number, readBack: 'present' | 'absent'): GrantCommand => ({
  type: 'CompleteOperation',
  operationId: operationId(number),
  readBack,
  readAt: at(0),
})
const fail = (number: number, transient: boolean): GrantCommand => ({
  type: 'FailOperation',
  operationId: operationId(number),
  code: 'scim.broken',
  message: 'broken',
  transient,
  retryAfterMillis: null,
})
const awaitFor = (operationId: string, until: string): GrantCommand => ({
  type: 'AwaitFulfilment',
  operationId,
  until,
})
const report = (operationId: string, outcome: 'done' | 'refused'): GrantCommand => ({
  type: 'ReportFulfilment',
  operationId,
  outcome,
  message: null,
})
const hold = (number: number): GrantCommand => ({
  type: 'AddHold',
  assignmentId: `p.alice.a${number}`,
})
const release = (number: number): GrantCommand => ({
  type: 'ReleaseHold',
  assignmentId: `p.alice.a${number}`,
  reason: 'assignment-ended',
})

describe('the view of a grant', () => {
  it('is settled once what is held is there', () => {
    const grant = play()
    grant.send(hold(1))
    expect(grant.row()?.view).toMatchObject({ holderIds: ['p.alice.a1'], settled: false })
    grant.send(start(1, 'absent'))
    expect(grant.row()?.view).toMatchObject({ operation: 'grant', leaseUntil: at(60) })
    grant.send(complete(1, 'present'))
    expect(grant.row()?.view).toMatchObject({
      actual: 'present',
      operation: null,
      leaseUntil: null,
      settled: true,
    })
  })

  it('is open from the release until the target says that it is gone', () => {
    const grant = play()
    for (const command of [hold(1), start(1, 'absent'), complete(1, 'present'), release(1)]) {
      grant.send(command)
    }
    expect(grant.row()?.view).toMatchObject({ holderIds: [], settled: false })
    grant.send(start(2, 'present'))
    grant.send(fail(2, false))
    // What an interrupted revoke left behind isn't known.
    expect(grant.row()?.view).toMatchObject({ settled: false, failedAttempts: 1 })
    expect(waitOf(grant.row() as GrantRow)).toBe(grant.row()?.view.retryAt)
    grant.wait(3600)
    grant.send(start(3, 'absent'))
    grant.send(complete(3, 'absent'))
    expect(grant.row()?.view).toMatchObject({ actual: 'absent', settled: true, lastError: null })
  })

  it('shows what somebody does by hand, since when and until when', () => {
    const grant = play()
    for (const command of [hold(1), start(1, 'absent')]) grant.send(command)
    grant.wait(5)
    grant.send(awaitFor(operationId(1), at(600)))
    expect(grant.row()?.view).toMatchObject({
      operation: 'grant',
      awaitedOperationId: operationId(1),
      awaitedSince: at(5),
      leaseUntil: at(600),
      settled: false,
    })
    grant.send(report(operationId(1), 'done'))
    expect(grant.row()?.view).toMatchObject({
      actual: 'present',
      operation: null,
      awaitedOperationId: null,
      awaitedSince: null,
      settled: true,
    })
  })

  it('waits for an operator after a permanent error, but not to revoke, nor for a new hold', () => {
    const grant = play()
    for (const command of [hold(1), start(1, 'absent'), fail(1, false)]) grant.send(command)
    expect(waitOf(grant.row() as GrantRow)).toBe('operator')
    expect(grant.row()?.view).toMatchObject({ retryAt: null, lastError: { code: 'scim.broken' } })
    grant.send(release(1))
    expect(waitOf(grant.row() as GrantRow)).toBeNull()
    grant.send(hold(2))
    expect(waitOf(grant.row() as GrantRow)).toBeNull()
  })

  it('leaves alone what was there before us', () => {
    const grant = play()
    for (const command of [hold(1), start(1, 'present')]) grant.send(command)
    expect(grant.row()?.view).toMatchObject({ preexisting: true, settled: true })
    grant.send(release(1))
    expect(grant.row()?.view).toMatchObject({ preexisting: true, settled: true })
  })

  it('agrees with the rules whatever happens', () => {
    let seed = 20260301
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff
      return Math.floor((seed / 0x80000000) * below)
    }
    for (let run = 0; run < 100; run += 1) {
      const grant = play()
      for (let step = 0; step < 25; step += 1) {
        const presence = random(2) === 0 ? 'present' : 'absent'
        const last = grant.state().inFlight?.operationId ?? operationId(0)
        const commands: readonly GrantCommand[] = [
          hold(1 + random(3)),
          release(1 + random(3)),
          start(run * 100 + step, presence),
          { ...complete(0, presence), operationId: last } as GrantCommand,
          { ...fail(0, random(2) === 0), operationId: last } as GrantCommand,
          awaitFor(last, addMillis(grant.now(), 300_000)),
          report(random(2) === 0 ? last : operationId(run * 100 + random(step + 1)), 'done'),
          report(last, 'refused'),
          { type: 'RetryNow' },
        ]
        const command = commands[random(commands.length)]
        if (command !== undefined) grant.send(command)
        grant.wait(random(120))
        const [state, row] = [grant.state(), grant.row()]
        if (row === undefined) continue
        expect(row.view.settled).toBe(grantSettled(state))
        expect(row.view.holderIds).toEqual(state.holders)
        expect(row.view.preexisting).toBe(state.preexisting)
        expect(row.view.operation).toBe(state.inFlight?.operation ?? null)
        const awaited = state.inFlight?.awaited === true ? state.inFlight.operationId : null
        expect(row.view.awaitedOperationId).toBe(awaited)
        expect(row.view.leaseUntil).toBe(state.inFlight?.leaseUntil ?? null)
        if (row.view.settled || row.view.operation !== null) continue
        const wait = waitOf(row)
        const mayStart = wait === null || (wait !== 'operator' && wait <= grant.now())
        const asked = { now: grant.now(), actor: { kind: 'system', id: 'engine' } } as const
        const decision = grantDecider.decide(start(9999, 'absent', state.news), state, asked, facts)
        expect(decision.ok).toBe(mayStart)
      }
    }
  })
})
