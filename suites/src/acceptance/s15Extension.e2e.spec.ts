import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  approvedBy,
  fresh,
  givenAssignment,
  givenPackage,
  group,
  mailsSince,
  request,
  terms,
  typesOf,
  untilAssignment,
  user,
} from './testing/given.ts'
import { type Engine, later, openEngine } from './testing/openEngine.ts'

describe('S15 Extension', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine()
  })
  afterAll(() => engine.close())

  const thirtyDays = { kind: 'afterDays', days: 30 } as const
  const free = { allowed: true, approvalRequired: false } as const
  const withApproval = {
    approval: approvedBy([user('bob'), group('leads')], { timeoutDays: 5 }),
    expiration: thirtyDays,
    extension: { allowed: true, approvalRequired: true },
  } as const
  const detail = (assignmentId: string) => engine.as('alice').ok('getAssignment', { assignmentId })

  /** An approved assignment of 30 days. */
  const approved = async (subject: string): Promise<string> => {
    const packageId = await givenPackage(engine, withApproval)
    const requestId = await request(engine.as(subject), packageId)
    await engine.as('bob').ok('approveRequest', { requestId })
    const assignmentId = `${packageId}.${subject}.a1`
    await untilAssignment(engine.as(subject), assignmentId, 'Delivered')
    return assignmentId
  }

  it('not allowed by the policy: refused, and nobody is reminded', async () => {
    const packageId = await givenPackage(engine, { expiration: thirtyDays })
    const assignmentId = await givenAssignment(engine, packageId, 'sam')
    await engine.quiet()
    const mark = engine.mails.length
    expect(await engine.as('sam').refused('extendAssignment', { assignmentId })).toMatchObject({
      status: 422,
      code: 'extension.not-allowed',
    })
    for (const days of [16, 13, 1]) await engine.advance({ days })
    expect(mailsSince(engine, mark)).toEqual(['ended sam'])
  })

  it('with a fixed date for an end there is nothing to extend to: warned of in the policy, refused, and nobody is reminded', async () => {
    const date = later(engine.clock.now(), { days: 30 }).slice(0, 10)
    const odd = terms({ expiration: { kind: 'onDate', date }, extension: free })
    const packageId = await givenPackage(engine)
    const { warnings, policyId } = await engine
      .as('alice')
      .ok('addPolicy', { packageId, id: fresh('p'), terms: odd })
    expect(warnings).toMatchObject([{ rule: 'policy.nothing-to-extend-to' }])
    const { assignmentId = '' } = await engine
      .as('alice')
      .ok('assignDirectly', { packageId, policyId: policyId ?? '', subjectId: 'sam' })
    await engine.quiet()
    const mark = engine.mails.length
    expect(
      await engine.as('sam').refused('extendAssignment', { assignmentId: assignmentId ?? '' }),
    ).toMatchObject({ status: 422, code: 'extension.fixed-date' })
    for (const days of [16, 13, 2]) await engine.advance({ days })
    expect(mailsSince(engine, mark)).toEqual(['ended sam'])
  })

  it('mails 14 days and 1 day before the end ask to extend, each once, at their time', async () => {
    const packageId = await givenPackage(engine, { expiration: thirtyDays, extension: free })
    const assignmentId = await givenAssignment(engine, packageId, 'tess')
    const endAt = later(engine.clock.now(), { days: 30 })
    await engine.quiet()
    const mark = engine.mails.length
    await engine.advanceTo(later(endAt, { days: -14, milliseconds: -1 }))
    expect(mailsSince(engine, mark)).toEqual([])
    await engine.advanceTo(later(endAt, { days: -14 }))
    await engine.advance({ days: 1 })
    expect(mailsSince(engine, mark)).toEqual(['ends-in-14-days tess'])
    expect(engine.mails[mark]?.text).toContain(`/v1/assignments/${assignmentId}/extend`)
    await engine.advanceTo(later(endAt, { days: -1, milliseconds: -1 }))
    expect(engine.mails).toHaveLength(mark + 1)
    await engine.advanceTo(later(endAt, { days: -1 }))
    await engine.advance({ hours: 1 })
    expect(mailsSince(engine, mark)).toEqual(['ends-in-1-day tess', 'ends-in-14-days tess'])
    await engine.advanceTo(endAt)
    expect(mailsSince(engine, mark)).toEqual([
      'ended tess',
      'ends-in-1-day tess',
      'ends-in-14-days tess',
    ])
  })

  it('without approval: goes on from the end for one more period; a second one works like the first', async () => {
    const packageId = await givenPackage(engine, { expiration: thirtyDays, extension: free })
    const assignmentId = await givenAssignment(engine, packageId, 'uma')
    const uma = engine.as('uma')
    let endAt = later(engine.clock.now(), { days: 30 })
    for (const [version, requestId] of [
      [2, `${packageId}.uma.r2`],
      [3, `${packageId}.uma.r3`],
    ] as const) {
      await engine.advanceTo(later(endAt, { days: -14 }))
      const mark = engine.mails.length
      const answer = await uma.ok('extendAssignment', { assignmentId })
      expect([answer.requestId, answer.assignmentId]).toEqual([requestId, assignmentId])
      const previous = endAt
      endAt = later(endAt, { days: 30 })
      await engine.quiet()
      const found = await detail(assignmentId)
      expect([found.endAt, found.endVersion, found.status]).toEqual([endAt, version, 'Delivered'])
      expect(await uma.ok('getRequest', { requestId })).toMatchObject({
        kind: 'extension',
        status: 'Fulfilled',
        subStatus: 'Extended',
      })
      expect(mailsSince(engine, mark)).toEqual(['extended uma'])
      // The old end passes without effect, and so does its last reminder.
      await engine.advanceTo(previous)
      expect((await detail(assignmentId)).status).toBe('Delivered')
      expect(mailsSince(engine, mark)).toEqual(['extended uma'])
    }
    const mark = engine.mails.length
    await engine.advanceTo(later(endAt, { days: -14 }))
    await engine.advanceTo(later(endAt, { days: -1 }))
    expect(mailsSince(engine, mark)).toEqual(['ends-in-1-day uma', 'ends-in-14-days uma'])
    await engine.advanceTo(endAt)
    expect((await detail(assignmentId)).status).toBe('Expired')
    expect(engine.steady.held()).not.toContain('git.member.uma')
  })

  it('with approval: the same approvers are asked, and the end moves when one approves; again a second time', async () => {
    const assignmentId = await approved('vic')
    const vic = engine.as('vic')
    let endAt = (await detail(assignmentId)).endAt ?? ''
    for (const approver of ['lea', 'bob']) {
      await engine.advanceTo(later(endAt, { days: -10 }))
      const mark = engine.mails.length
      const { requestId = '' } = await vic.ok('extendAssignment', { assignmentId })
      await engine.quiet()
      expect(mailsSince(engine, mark)).toEqual([
        'approval-requested bob',
        'approval-requested lea',
        'approval-requested leo',
      ])
      expect((await detail(assignmentId)).endAt).toBe(endAt)
      expect(await vic.refused('extendAssignment', { assignmentId })).toMatchObject({
        status: 409,
        code: 'extension.already-pending',
      })
      await engine.as(approver).ok('approveRequest', { requestId })
      endAt = later(endAt, { days: 30 })
      expect((await detail(assignmentId)).endAt).toBe(endAt)
    }
  })

  it('denied: the end stays as it was', async () => {
    const assignmentId = await approved('will')
    const { endAt } = await detail(assignmentId)
    const { requestId = '' } = await engine.as('will').ok('extendAssignment', { assignmentId })
    await engine.as('lea').ok('denyRequest', { requestId })
    const found = await detail(assignmentId)
    expect([found.endAt, found.endVersion, found.status]).toEqual([endAt, 1, 'Delivered'])
    await engine.advanceTo(endAt ?? '')
    expect((await detail(assignmentId)).status).toBe('Expired')
  })

  it('timed out by its own timeout: the end stays as it was, and the subject may ask again', async () => {
    const assignmentId = await approved('xena')
    const xena = engine.as('xena')
    const { endAt } = await detail(assignmentId)
    await engine.advance({ days: 20 })
    const { requestId = '' } = await xena.ok('extendAssignment', { assignmentId })
    await engine.advance({ days: 5 })
    const timedOut = await xena.ok('getRequest', { requestId })
    expect([timedOut.status, timedOut.subStatus]).toEqual(['Cancelled', 'TimedOut'])
    expect((await detail(assignmentId)).endAt).toBe(endAt)
    const again = await xena.ok('extendAssignment', { assignmentId })
    await engine.as('bob').ok('approveRequest', { requestId: again.requestId ?? '' })
    expect((await detail(assignmentId)).endAt).toBe(later(endAt ?? '', { days: 30 }))
  })

  it('still undecided at the end: the assignment expires, and the request is cancelled with it', async () => {
    const assignmentId = await approved('yann')
    const { endAt } = await detail(assignmentId)
    await engine.advanceTo(later(endAt ?? '', { days: -2 }))
    const { requestId = '' } = await engine.as('yann').ok('extendAssignment', { assignmentId })
    await engine.advanceTo(endAt ?? '')
    const found = await detail(assignmentId)
    expect([found.status, found.settled]).toEqual(['Expired', true])
    expect((await engine.as('yann').ok('getRequest', { requestId })).status).toBe('Cancelled')
    expect(await engine.as('bob').refused('approveRequest', { requestId })).toMatchObject({
      status: 409,
      code: 'request.not-pending',
    })
  })

  it('asked for in the instant of expiry: too late, whoever of timer and subject comes first', async () => {
    const packageId = await givenPackage(engine, { expiration: thirtyDays, extension: free })
    const assignmentId = await givenAssignment(engine, packageId, 'zoe')
    const endAt = later(engine.clock.now(), { days: 30 })
    await engine.jumpTo(endAt)
    const [refused] = await Promise.all([
      engine.as('zoe').refused('extendAssignment', { assignmentId }),
      engine.sweep(),
    ])
    expect([refused.status, refused.code]).toEqual([409, 'extension.assignment-ended'])
    await engine.quiet()
    expect((await detail(assignmentId)).status).toBe('Expired')
  })

  it('asked for in the last millisecond: the end moves, and the old one passes without effect', async () => {
    const packageId = await givenPackage(engine, { expiration: thirtyDays, extension: free })
    const assignmentId = await givenAssignment(engine, packageId, 'sam')
    const endAt = later(engine.clock.now(), { days: 30 })
    await engine.jumpTo(later(endAt, { milliseconds: -1 }))
    await engine.as('sam').ok('extendAssignment', { assignmentId })
    await engine.advanceTo(endAt)
    const found = await detail(assignmentId)
    expect([found.status, found.endAt]).toEqual(['Delivered', later(endAt, { days: 30 })])
    expect(typesOf(found)).not.toContain('AssignmentEnded')
  })

  it('only the subject asks; not before the last period has begun; and not for what never ends', async () => {
    const packageId = await givenPackage(engine, { expiration: thirtyDays, extension: free })
    const assignmentId = await givenAssignment(engine, packageId, 'tess')
    for (const id of ['alice', 'nora'])
      expect(await engine.as(id).refused('extendAssignment', { assignmentId })).toMatchObject({
        status: 403,
        code: 'extension.forbidden',
      })
    await engine.as('tess').ok('extendAssignment', { assignmentId })
    expect(await engine.as('tess').refused('extendAssignment', { assignmentId })).toMatchObject({
      status: 422,
      code: 'extension.too-early',
    })
    const endless = await givenAssignment(
      engine,
      await givenPackage(engine, { extension: free }),
      'tess',
    )
    expect(
      await engine.as('tess').refused('extendAssignment', { assignmentId: endless }),
    ).toMatchObject({ status: 422, code: 'extension.no-end' })
  })

  it('approval of extensions without approvers is refused in a policy', async () => {
    const packageId = await givenPackage(engine)
    const odd = terms({ expiration: thirtyDays, extension: withApproval.extension })
    expect(
      await engine.as('alice').refused('addPolicy', { packageId, id: fresh('p'), terms: odd }),
    ).toMatchObject({ status: 400, code: 'policy.extension-without-approvers' })
  })
})
