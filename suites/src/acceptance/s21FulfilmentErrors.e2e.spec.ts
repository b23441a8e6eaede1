import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  givenPackage,
  mailsSince,
  request,
  typesOf,
  untilAssignment,
  untilRequest,
} from './testing/given.ts'
import { type Engine, later, openEngine } from './testing/openEngine.ts'
import { until } from './testing/until.ts'

describe('S21 Fulfilment errors', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine({ leaseSeconds: 4 })
  })
  afterAll(async () => engine.close())

  const roles = ['git.member', 'crm.user', 'crm.admin']

  it('each role is delivered on its own; some failed: Unfulfilled, Partially fulfilled, with a count and the list of errors', async () => {
    const packageId = await givenPackage(engine, {}, { roles })
    const [sam, mark] = [engine.as('sam'), engine.mails.length]
    engine.shaky.down()
    const requestId = await request(sam, packageId)
    const failedAt = engine.clock.now()
    await engine.quiet()
    const found = await untilRequest(sam, requestId, 'Unfulfilled')
    expect(found.subStatus).toBe('PartiallyFulfilled')
    expect(found.fulfilmentErrors).toHaveLength(2)
    expect(found.fulfilmentErrors).toMatchObject(
      ['admin', 'user'].toReversed().map((roleId) => ({
        resourceId: 'crm',
        roleId,
        code: 'shaky.down',
        message: 'The target system could not do it yet; it is tried again automatically.',
        transient: true,
        attempts: 1,
        firstFailedAt: failedAt,
        lastFailedAt: failedAt,
      })),
    )
    expect(engine.steady.held()).toEqual(['git.member.sam'])
    const assignmentId = `${packageId}.sam.a1`
    // What the target said is for those who manage the package, in details, lists and files alike.
    for (const [who, raw] of [
      ['sam', false],
      ['alice', true],
    ] as const) {
      const caller = engine.as(who)
      const shown = JSON.stringify([
        await caller.ok('getRequest', { requestId }),
        await caller.ok('listRequests', { packageId }),
        await caller.ok('getAssignment', { assignmentId }),
      ])
      expect([who, shown.includes('does not answer')]).toEqual([who, raw])
    }
    const { status } = await untilAssignment(sam, `${packageId}.sam.a1`, 'PartiallyDelivered')
    expect(status).toBe('PartiallyDelivered')
    expect(mailsSince(engine, mark)).toEqual(['partly-delivered sam'])
  })

  it('retried on its own with back-off; once all are delivered it turns Fulfilled', async () => {
    const [sam, packageId] = [
      engine.as('sam'),
      await givenPackage(engine, {}, { roles: ['crm.admin'] }),
    ]
    engine.shaky.up()
    await engine.advance({ hours: 1 })
    engine.shaky.failNext(3)
    const start = engine.clock.now()
    const requestId = await request(sam, packageId)
    // crm.admin is sam's already, by the test before; take another person's.
    await untilRequest(sam, requestId, 'Fulfilled')
    const tess = engine.as('tess')
    const theirs = await request(tess, packageId)
    await engine.quiet()
    const waits: number[] = []
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      const { roles: grants } = await tess.ok('getAssignment', {
        assignmentId: `${packageId}.tess.a1`,
      })
      const retryAt = grants[0]?.retryAt ?? ''
      waits.push(Date.parse(retryAt) - Date.parse(engine.clock.now()))
      const calls = engine.shaky.calls.length
      await engine.advanceTo(later(retryAt, { milliseconds: -1 }))
      expect(engine.shaky.calls).toHaveLength(calls)
      await engine.advanceTo(retryAt)
      expect(engine.shaky.calls).toHaveLength(calls + 1)
    }
    // 5 s, doubled each time, give or take a fifth.
    for (const [index, wait] of waits.entries())
      expect(Math.abs(wait / (5000 * 2 ** index) - 1)).toBeLessThanOrEqual(0.2)
    const found = await untilRequest(tess, theirs, 'Fulfilled')
    expect([found.subStatus, found.fulfilmentErrors]).toEqual([null, []])
    expect(engine.shaky.held()).toContain('crm.admin.tess')
    expect(typesOf(found)).toContain('DeliveryFailed')
    expect(engine.clock.now() > start).toBe(true)
  })

  it('a target that never answers is given up and tried again later', async () => {
    const packageId = await givenPackage(engine, {}, { roles: ['crm.user', 'wiki.reader'] })
    const uma = engine.as('uma')
    engine.shaky.hang()
    const requestId = await request(uma, packageId)
    const found = await untilRequest(uma, requestId, 'Unfulfilled')
    expect(
      found.fulfilmentErrors.map(({ resourceId, transient }) => [resourceId, transient]),
    ).toEqual([['crm', true]])
    expect(engine.steady.held()).toContain('wiki.reader.uma')
    engine.shaky.release()
    await engine.advance({ hours: 1 })
    await untilRequest(uma, requestId, 'Fulfilled')
  })

  it('what the target refuses for good is not tried again by itself', async () => {
    const packageId = await givenPackage(engine, {}, { roles: ['crm.user'] })
    const vic = engine.as('vic')
    engine.shaky.refuse()
    const requestId = await request(vic, packageId)
    const found = await untilRequest(vic, requestId, 'Unfulfilled')
    expect(found.fulfilmentErrors).toMatchObject([{ code: 'shaky.refused', transient: false }])
    engine.shaky.up()
    await engine.advance({ days: 30 })
    expect((await vic.ok('getRequest', { requestId })).status).toBe('Unfulfilled')
    expect(engine.shaky.held()).not.toContain('crm.user.vic')
  })

  it('an operator can reprocess at any age', async () => {
    const packageId = await givenPackage(engine, {}, { roles: ['crm.admin', 'git.reader'] })
    const [alice, will] = [engine.as('alice'), engine.as('will')]
    engine.shaky.refuse()
    const requestId = await request(will, packageId)
    await untilRequest(will, requestId, 'Unfulfilled')
    await engine.advance({ years: 2 })
    engine.shaky.up()
    await alice.ok('reprocessRequest', { requestId })
    const found = await untilRequest(alice, requestId, 'Fulfilled')
    expect(found.fulfilmentErrors).toEqual([])
    expect(engine.shaky.held()).toContain('crm.admin.will')
    expect((await engine.as('nora').refused('reprocessRequest', { requestId })).status).toBe(403)
    // By its assignment as well, and what somebody took away by hand comes back.
    engine.shaky.takeByHand('crm.admin.will')
    await alice.ok('reprocessAssignment', { assignmentId: `${packageId}.will.a1` })
    await until('it to be given again', async () => engine.shaky.held().includes('crm.admin.will'))
  })
})
