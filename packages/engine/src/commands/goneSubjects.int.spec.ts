import { exampleTerms } from '@portcullis/domain/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { importOrganisation, ORGANISATION } from '../testing/organisation.ts'
import { createPackage, openTerms, refusalOf, send, service, submit } from '../testing/send.ts'
import { openTestEngine, type TestEngine } from '../testing/testEngine.ts'

const GONE = [
  [
    'is disabled',
    ORGANISATION.people.map((one) => (one.id === 'alice' ? { ...one, enabled: false } : one)),
  ],
  ['is missing from upstream’s file', ORGANISATION.people.filter(({ id }) => id !== 'alice')],
] as const

describe.each(GONE)('a subject who %s', (_how, people) => {
  let engine: TestEngine
  beforeEach(async () => {
    engine = await openTestEngine()
    await engine.start()
  })
  afterEach(() => engine.close())

  const goes = () =>
    importOrganisation(engine.pool, {
      people,
      memberships: ORGANISATION.memberships.filter(({ personId }) => personId !== 'alice'),
    })
  const returns = () => importOrganisation(engine.pool)
  const entitlement = () => engine.typesOf('entitlement-p.alice')
  const approve = (packageId = 'p') =>
    ({
      type: 'DecideApproval',
      requestId: `${packageId}.alice.r1`,
      decision: 'approve',
      justification: null,
    }) as const

  it('can’t be approved; the request can be denied, cancelled, or times out', async () => {
    for (const id of ['p', 'q', 'r']) {
      await createPackage(engine, id, { terms: exampleTerms() })
      await submit(engine, id, 'alice')
    }
    await goes()
    expect(await refusalOf(engine, 'lea', approve())).toBe('subject.disabled')
    await send(engine, 'lea', { ...approve('q'), decision: 'deny' })
    await send(engine, 'admin', { type: 'CancelRequest', requestId: 'r.alice.r1', reason: null })
    await engine.settleUntil('2026-06-15T08:00:00.000Z')
    expect(await entitlement()).toEqual(['RequestSubmitted.v1', 'ApprovalTimedOut.v1'])
  })

  it('keeps an assignment until its end; then it is revoked and doesn’t come back', async () => {
    await createPackage(engine, 'p', {
      terms: openTerms({ expiration: { kind: 'afterDays', days: 1 } }),
    })
    await submit(engine, 'p', 'alice')
    await engine.settle()
    expect(engine.main.held()).toEqual(['wiki.member.alice'])
    await goes()
    await engine.settle()
    expect(engine.main.held()).toEqual(['wiki.member.alice'])
    await engine.settleUntil('2026-06-02T08:00:00.000Z')
    expect(engine.main.held()).toEqual([])
    await returns()
    await engine.settleUntil('2026-06-03T08:00:00.000Z')
    expect(engine.main.held()).toEqual([])
    expect((await entitlement()).at(-1)).toBe('RolesRevoked.v1')
  })

  it('has an assignment taken by an administrator, and no extension', async () => {
    await createPackage(engine, 'p')
    await submit(engine, 'p', 'alice')
    await engine.settle()
    await goes()
    const assignmentId = 'p.alice.a1'
    const extend = { type: 'RequestExtension', assignmentId, justification: null } as const
    expect(await refusalOf(engine, 'alice', extend)).toBe('extension.forbidden')
    expect(await refusalOf(engine, service('portal'), extend)).toBe('subject.disabled')
    await send(engine, 'admin', { type: 'RemoveAssignment', assignmentId, justification: null })
    await engine.settle()
    expect(engine.main.held()).toEqual([])
  })
})
