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
import { type Engine, openEngine } from './testing/openEngine.ts'

describe('S11 One decision is enough', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine()
  })
  afterAll(() => engine.close())

  const approvers = approvedBy([user('bob'), user('ben'), group('leads')])

  it('the first approval wins; a later denial is told who decided and when', async () => {
    const packageId = await givenPackage(engine, { approval: approvers })
    const requestId = await request(engine.as('sam'), packageId)
    await engine.as('bob').ok('approveRequest', { requestId })
    const decidedAt = engine.clock.now()
    await engine.advance({ hours: 1 })
    const refused = await engine.as('ben').refused('denyRequest', { requestId })
    expect(refused).toMatchObject({
      status: 409,
      code: 'approval.already-decided',
      detail: `Request ${requestId} has been approved by bob at ${decidedAt}; the first decision counts.`,
      data: { decision: 'approve', by: 'bob', at: decidedAt },
    })
    expect((await untilRequest(engine.as('sam'), requestId, 'Fulfilled')).decidedBy).toBe('bob')
  })

  it('the first denial wins as well', async () => {
    const packageId = await givenPackage(engine, { approval: approvers })
    const requestId = await request(engine.as('sam'), packageId)
    await engine.as('ben').ok('denyRequest', { requestId })
    const refused = await engine.as('bob').refused('approveRequest', { requestId })
    expect(refused).toMatchObject({
      status: 409,
      code: 'approval.already-decided',
      data: { decision: 'deny', by: 'ben', at: engine.clock.now() },
    })
    await engine.quiet()
    const found = await engine.as('sam').ok('getRequest', { requestId })
    expect([found.status, found.assignmentId]).toEqual(['Denied', null])
  })

  it('of several in the same instant exactly one wins, and the others are told whose it was', async () => {
    const packageId = await givenPackage(engine, { approval: approvers })
    for (const subject of ['sam', 'tess', 'uma', 'vic']) {
      const requestId = await request(engine.as(subject), packageId)
      const decide = (id: string, what: 'approve' | 'deny') =>
        engine.as(id).raw('POST', `/v1/requests/${requestId}/${what}`)
      const answers = await Promise.all([
        decide('bob', 'approve'),
        decide('ben', 'deny'),
        decide('lea', 'approve'),
        decide('leo', 'deny'),
      ])
      const winners = answers.filter(({ status }) => status === 200)
      const losers = answers.filter(({ status }) => status === 409)
      expect([winners.length, losers.length]).toEqual([1, 3])
      await engine.quiet()
      const found = await engine.as('alice').ok('getRequest', { requestId })
      for (const { text } of losers)
        expect(JSON.parse(text)).toMatchObject({
          code: 'approval.already-decided',
          data: { by: found.decidedBy, at: engine.clock.now() },
        })
      const decisions = typesOf(found).filter((type) => type.startsWith('Approval'))
      expect(decisions).toEqual([found.status === 'Denied' ? 'ApprovalDenied' : 'ApprovalGranted'])
    }
  })

  it('a member of an approver group counts, and the group is recorded', async () => {
    const packageId = await givenPackage(engine, { approval: approvedBy([group('leads')]) })
    const requestId = await request(engine.as('will'), packageId)
    await engine.as('leo').ok('approveRequest', { requestId })
    const found = await untilRequest(engine.as('will'), requestId, 'Fulfilled')
    expect(found.history.find(({ type }) => type === 'ApprovalGranted.v1')?.data).toMatchObject({
      approverId: 'leo',
      basis: { kind: 'group', id: 'leads' },
    })
  })

  it('nobody approves their own request, named or by a group; they are not even asked', async () => {
    const packageId = await givenPackage(engine, {
      requestors: { kind: 'directory', principals: [user('bob'), group('leads')] },
      approval: approvedBy([user('bob'), group('leads')]),
    })
    for (const [subject, other] of [
      ['bob', 'lea'],
      ['leo', 'bob'],
    ] as const) {
      const mark = engine.mails.length
      const requestId = await request(engine.as(subject), packageId)
      await engine.quiet()
      expect(mailsSince(engine, mark)).not.toContain(`approval-requested ${subject}`)
      for (const what of ['approveRequest', 'denyRequest'] as const)
        expect(await engine.as(subject).refused(what, { requestId })).toMatchObject({
          status: 403,
          code: 'approval.own-request',
        })
      await engine.as(other).ok('approveRequest', { requestId })
    }
  })

  it('who is no approver decides nothing, not even a User administrator or a service', async () => {
    const packageId = await givenPackage(engine, { approval: approvers })
    const requestId = await request(engine.as('xena'), packageId)
    for (const caller of [
      engine.as('nora'),
      engine.as('alice'),
      engine.asService('hr', 'UserAdministrator'),
    ])
      expect(await caller.refused('approveRequest', { requestId })).toMatchObject({
        status: 403,
        code: 'approval.forbidden',
      })
    expect((await engine.as('xena').ok('getRequest', { requestId })).status).toBe('PendingApproval')
  })

  it('an approver who has left the group since the request may not decide; who has joined may', async () => {
    const packageId = await givenPackage(engine, { approval: approvedBy([group('leads')]) })
    const requestId = await request(engine.as('yann'), packageId)
    await engine.changeOrganisation((organisation) => ({
      ...organisation,
      memberships: organisation.memberships
        .filter(({ personId }) => personId !== 'lea')
        .concat({ groupId: 'leads', personId: 'nora' }),
    }))
    expect((await engine.as('lea').refused('approveRequest', { requestId })).code).toBe(
      'approval.forbidden',
    )
    expect((await engine.as('lea').ok('listRequests', { waitingForMe: 'true' })).items).toEqual([])
    await engine.as('nora').ok('approveRequest', { requestId })
    expect((await untilRequest(engine.as('yann'), requestId, 'Fulfilled')).decidedBy).toBe('nora')
  })

  it('an approver who has been disabled since may not decide', async () => {
    const packageId = await givenPackage(engine, { approval: approvedBy([user('ben')]) })
    const requestId = await request(engine.as('zoe'), packageId)
    await engine.changeOrganisation((organisation) => ({
      ...organisation,
      people: organisation.people.map((person) =>
        person.id === 'ben' ? { ...person, enabled: false } : person,
      ),
    }))
    expect(await engine.as('ben').refused('approveRequest', { requestId })).toMatchObject({
      status: 403,
      code: 'actor.unknown',
    })
  })
})
