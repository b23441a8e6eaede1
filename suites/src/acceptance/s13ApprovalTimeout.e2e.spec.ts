import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  approvedBy,
  givenPackage,
  group,
  mailsSince,
  request,
  typesOf,
  untilRequest,
  user,
} from './testing/given.ts'
import { type Engine, later, openEngine } from './testing/openEngine.ts'

describe('S13 Approval timeout', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine()
  })
  afterAll(() => engine.close())

  const threeDays = approvedBy([user('bob'), group('leads')], { timeoutDays: 3 })

  it("nobody decides within the policy's days: cancelled by the system as timed out; approvers and requestor are told", async () => {
    const packageId = await givenPackage(engine, { approval: threeDays })
    const sam = engine.as('sam')
    const submittedAt = engine.clock.now()
    const requestId = await request(sam, packageId)
    const decideBy = later(submittedAt, { days: 3 })
    await engine.advanceTo(later(decideBy, { milliseconds: -1 }))
    const before = await sam.ok('getRequest', { requestId })
    expect([before.status, before.decideBy]).toEqual(['PendingApproval', decideBy])
    const mark = engine.mails.length
    await engine.advanceTo(decideBy)
    const found = await sam.ok('getRequest', { requestId })
    expect([found.status, found.subStatus, found.decidedBy]).toEqual([
      'Cancelled',
      'TimedOut',
      null,
    ])
    expect(found.history.at(-1)).toMatchObject({
      type: 'ApprovalTimedOut.v1',
      at: decideBy,
      actor: { kind: 'system' },
    })
    expect(mailsSince(engine, mark)).toEqual([
      'approval-timed-out bob',
      'approval-timed-out lea',
      'approval-timed-out leo',
      'timed-out sam',
    ])
    expect(engine.steady.held()).toEqual([])
  })

  it('and the user may request again', async () => {
    const packageId = await givenPackage(engine, { approval: threeDays })
    const tess = engine.as('tess')
    const first = await request(tess, packageId)
    expect(await tess.refused('submitRequest', { packageId })).toMatchObject({
      status: 409,
      code: 'request.already-pending',
    })
    await engine.advance({ days: 3 })
    const second = await request(tess, packageId)
    expect(second).not.toBe(first)
    await engine.as('lea').ok('approveRequest', { requestId: second })
    await untilRequest(tess, second, 'Fulfilled')
    expect((await tess.ok('getRequest', { requestId: first })).subStatus).toBe('TimedOut')
  })

  it('from the instant of the time-out nobody decides any more, also while its timer is late', async () => {
    const packageId = await givenPackage(engine, { approval: threeDays })
    const requestId = await request(engine.as('uma'), packageId)
    const decideBy = later(engine.clock.now(), { days: 3 })
    await engine.jumpTo(decideBy)
    for (const what of ['approveRequest', 'denyRequest'] as const)
      expect(await engine.as('bob').refused(what, { requestId })).toMatchObject({
        status: 409,
        code: 'approval.timed-out',
        data: { decideBy },
      })
    await engine.advanceTo(decideBy)
    expect(await engine.as('bob').refused('approveRequest', { requestId })).toMatchObject({
      status: 409,
      code: 'request.not-pending',
    })
  })

  it('decided in its last millisecond, it does not time out', async () => {
    const packageId = await givenPackage(engine, { approval: threeDays })
    const requestId = await request(engine.as('vic'), packageId)
    await engine.advance({ days: 3, milliseconds: -1 })
    await engine.as('bob').ok('approveRequest', { requestId })
    await engine.advance({ days: 1 })
    const found = await untilRequest(engine.as('vic'), requestId, 'Fulfilled')
    expect(typesOf(found)).not.toContain('ApprovalTimedOut')
  })

  it('counts calendar days: across a clock change it is due at the same time of day', async () => {
    await engine.advanceTo('2026-10-23T15:30:00.000Z')
    const packageId = await givenPackage(engine, { approval: threeDays })
    const requestId = await request(engine.as('will'), packageId)
    // 17:30 in Berlin, in summer time and, three days later, in winter time.
    const { decideBy } = await engine.as('will').ok('getRequest', { requestId })
    expect(decideBy).toBe('2026-10-26T16:30:00.000Z')
  })

  it('a subject who was disabled meanwhile can not be approved; the request times out, and nothing is given', async () => {
    const packageId = await givenPackage(engine, { approval: threeDays }, { roles: ['git.admin'] })
    const requestId = await request(engine.as('yann'), packageId)
    await engine.changeOrganisation((organisation) => ({
      ...organisation,
      people: organisation.people.map((person) =>
        person.id === 'yann' ? { ...person, enabled: false } : person,
      ),
    }))
    expect(await engine.as('bob').refused('approveRequest', { requestId })).toMatchObject({
      status: 422,
      code: 'subject.disabled',
    })
    await engine.advance({ days: 3 })
    const found = await engine.as('alice').ok('getRequest', { requestId })
    expect(found.subStatus).toBe('TimedOut')
    expect(engine.steady.calls).not.toContain('grant git.admin.yann')
  })
})
