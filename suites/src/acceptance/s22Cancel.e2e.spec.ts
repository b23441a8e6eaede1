import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  approvedBy,
  fresh,
  givenCatalog,
  givenPackage,
  request,
  role,
  terms,
  untilRequest,
  user,
} from './testing/given.ts'
import { type Engine, later, openEngine } from './testing/openEngine.ts'

describe('S22 Cancel', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine()
  })
  afterAll(() => engine.close())

  const approval = approvedBy([user('bob')])

  it('pending approval: by its requestor, with a reason that is kept; nothing can be decided any more', async () => {
    const packageId = await givenPackage(engine, { approval })
    const sam = engine.as('sam')
    const requestId = await request(sam, packageId)
    await sam.ok('cancelRequest', { requestId, reason: 'Not needed any more' })
    const found = await sam.ok('getRequest', { requestId })
    expect([found.status, found.subStatus]).toEqual(['Cancelled', null])
    expect(found.history.at(-1)?.data).toMatchObject({ by: 'sam', reason: 'Not needed any more' })
    expect(await engine.as('bob').refused('approveRequest', { requestId })).toMatchObject({
      status: 409,
      code: 'request.not-pending',
    })
    await engine.advance({ days: 14 })
    expect((await sam.ok('getRequest', { requestId })).subStatus).toBeNull()
    // And may be asked for anew.
    await request(sam, packageId)
  })

  it('by an administrator of the package: User administrator, Catalog owner, Access package manager', async () => {
    const catalogId = await givenCatalog(engine)
    const packageId = fresh('package')
    await engine.as('mia').ok('createAccessPackage', {
      id: packageId,
      catalogId,
      displayName: 'Chat',
      resourceRoles: [role('chat.member')],
      policies: [{ id: 'standard', terms: terms({ approval }) }],
    })
    for (const [actor, subject] of [
      ['alice', 'tess'],
      ['olga', 'uma'],
      ['mia', 'vic'],
    ] as const) {
      const requestId = await request(engine.as(subject), packageId)
      await engine.as(actor).ok('cancelRequest', { requestId })
      expect((await engine.as(subject).ok('getRequest', { requestId })).status).toBe('Cancelled')
    }
  })

  it('by nobody else, not even its approver', async () => {
    const packageId = await givenPackage(engine, { approval })
    const requestId = await request(engine.as('will'), packageId)
    for (const id of ['nora', 'bob', 'olga', 'carl'])
      expect(await engine.as(id).refused('cancelRequest', { requestId })).toMatchObject({
        status: 403,
        code: 'request.forbidden',
      })
    expect((await engine.as('will').ok('getRequest', { requestId })).status).toBe('PendingApproval')
  })

  it('a scheduled start: cancelled with its assignment, and it never starts', async () => {
    const packageId = await givenPackage(engine, {}, { roles: ['git.admin'] })
    for (const [actor, subjectId] of [
      ['alice', 'xena'],
      ['yann', 'yann'],
    ] as const) {
      const startAt = later(engine.clock.now(), { days: 2 })
      const { requestId = '', assignmentId } = await engine
        .as('alice')
        .ok('assignDirectly', { packageId, subjectId, policyId: 'standard', startAt })
      await engine.as(actor).ok('cancelRequest', { requestId })
      await engine.advance({ days: 2 })
      const found = await engine
        .as('alice')
        .ok('getAssignment', { assignmentId: assignmentId ?? '' })
      expect(found.status).toBe('Cancelled')
      expect((await engine.as('alice').ok('getRequest', { requestId })).status).toBe('Cancelled')
    }
    expect(engine.steady.calls.filter((call) => call.startsWith('grant git.admin'))).toEqual([])
  })

  it('one that is fulfilled, denied, timed out or cancelled can not be, and the reason is told', async () => {
    const packageId = await givenPackage(engine, { approval })
    const bob = engine.as('bob')
    const refusedBy = async (subject: string, requestId: string) => {
      const refused = await engine.as(subject).refused('cancelRequest', { requestId })
      return [refused.status, refused.code, refused.detail]
    }
    const because = (requestId: string, why: string) => [
      409,
      'request.not-cancellable',
      `Request ${requestId} can't be cancelled: ${why}.`,
    ]
    const fulfilled = await request(engine.as('sam'), packageId)
    await bob.ok('approveRequest', { requestId: fulfilled })
    await untilRequest(engine.as('sam'), fulfilled, 'Fulfilled')
    const denied = await request(engine.as('tess'), packageId)
    await bob.ok('denyRequest', { requestId: denied })
    const cancelled = await request(engine.as('uma'), packageId)
    await engine.as('uma').ok('cancelRequest', { requestId: cancelled })
    const timedOut = await request(engine.as('vic'), packageId)
    await engine.advance({ days: 14 })
    expect(await refusedBy('sam', fulfilled)).toEqual(
      because(
        fulfilled,
        'it has been approved already; remove the assignment that it led to instead',
      ),
    )
    expect(await refusedBy('tess', denied)).toEqual(because(denied, 'it has been denied already'))
    expect(await refusedBy('uma', cancelled)).toEqual(
      because(cancelled, 'it has been cancelled already'),
    )
    expect(await refusedBy('vic', timedOut)).toEqual(because(timedOut, 'it has timed out already'))
  })

  it('cancelled and approved in the same instant: exactly one of them happens', async () => {
    const packageId = await givenPackage(engine, { approval }, { roles: ['wiki.editor'] })
    const requestId = await request(engine.as('zoe'), packageId)
    const post = (id: string, what: string) =>
      engine.as(id).raw('POST', `/v1/requests/${requestId}/${what}`)
    const [cancel, approve] = await Promise.all([post('zoe', 'cancel'), post('bob', 'approve')])
    expect([cancel.status, approve.status].sort()).toEqual([200, 409])
    await engine.quiet()
    const { status } = await engine.as('zoe').ok('getRequest', { requestId })
    expect(status).toBe(cancel.status === 200 ? 'Cancelled' : 'Fulfilled')
    expect(engine.steady.held().includes('wiki.editor.zoe')).toBe(approve.status === 200)
  })
})
