import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  approvedBy,
  fresh,
  givenPackage,
  group,
  mailsSince,
  request,
  terms,
  typesOf,
  untilRequest,
  user,
} from './testing/given.ts'
import { type Engine, openEngine } from './testing/openEngine.ts'

describe('S10 Approval on/off', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine()
  })
  afterAll(() => engine.close())

  it('off: approved automatically, and recorded as such', async () => {
    const packageId = await givenPackage(engine)
    const [sam, mark] = [engine.as('sam'), engine.mails.length]
    const requestId = await request(sam, packageId)
    const found = await untilRequest(sam, requestId, 'Fulfilled')
    expect(typesOf(found)).toEqual([
      'RequestSubmitted',
      'RequestAutoApproved',
      'AssignmentStarted',
      'RolesDelivered',
    ])
    expect(found.history[1]?.data).toEqual({ requestId, reason: 'policy-without-approval' })
    expect([found.decidedBy, found.decidedAt]).toEqual([null, engine.clock.now()])
    expect(engine.steady.held()).toContain('git.member.sam')
    await engine.quiet()
    expect(mailsSince(engine, mark)).toEqual(['delivered sam'])
  })

  it('on: users and groups are the approvers; each is asked, and nothing is given before one approves', async () => {
    const packageId = await givenPackage(
      engine,
      { approval: approvedBy([user('bob'), user('ben'), group('leads')]) },
      { roles: ['git.admin'] },
    )
    const [tess, mark] = [engine.as('tess'), engine.mails.length]
    const requestId = await request(tess, packageId)
    const { approverIds, approverGroupIds } = await untilRequest(tess, requestId, 'PendingApproval')
    expect({ approverIds, approverGroupIds }).toEqual({
      approverIds: ['bob', 'ben'],
      approverGroupIds: ['leads'],
    })
    await engine.quiet()
    expect(mailsSince(engine, mark)).toEqual(
      ['ben', 'bob', 'lea', 'leo'].map((id) => `approval-requested ${id}`),
    )
    expect(engine.steady.held()).not.toContain('git.admin.tess')
    for (const id of ['bob', 'ben', 'lea', 'leo']) {
      const { items } = await engine.as(id).ok('listRequests', { waitingForMe: 'true' })
      expect(items.map((item) => item.id)).toEqual([requestId])
    }
    await engine.as('ben').ok('approveRequest', { requestId })
    const { decidedBy } = await untilRequest(tess, requestId, 'Fulfilled')
    expect(decidedBy).toBe('ben')
    await engine.quiet()
    expect(engine.steady.held()).toContain('git.admin.tess')
  })

  it('denied: nothing is given, and the requestor is told', async () => {
    const packageId = await givenPackage(
      engine,
      { approval: approvedBy([user('bob')]) },
      { roles: ['wiki.reader'] },
    )
    const [uma, mark] = [engine.as('uma'), engine.mails.length]
    const requestId = await request(uma, packageId)
    await engine.as('bob').ok('denyRequest', { requestId, justification: 'Not this quarter' })
    await engine.quiet()
    const found = await uma.ok('getRequest', { requestId })
    expect([found.status, found.decidedBy]).toEqual(['Denied', 'bob'])
    expect(mailsSince(engine, mark)).toEqual(['approval-requested bob', 'denied uma'])
    expect(engine.steady.held()).not.toContain('wiki.reader.uma')
  })

  it('on without anybody to decide is refused, and so is an approver whom the directory does not know', async () => {
    const packageId = await givenPackage(engine)
    const add = (approvers: readonly ReturnType<typeof user>[]) =>
      engine.as('alice').refused('addPolicy', {
        packageId,
        id: fresh('policy'),
        terms: terms({ approval: approvedBy(approvers) }),
      })
    expect(await add([])).toMatchObject({
      status: 400,
      code: 'input.invalid',
      errors: [{ path: 'body.terms.approval.stages[0].approvers' }],
    })
    expect(await add([user('bob'), group('ghosts')])).toMatchObject({
      status: 400,
      code: 'policy.unknown-principal',
      data: { unknown: [{ kind: 'group', id: 'ghosts' }] },
    })
  })

  it('a group with no members: nobody is asked, who manages the package is told, and the request times out', async () => {
    const packageId = await givenPackage(engine, { approval: approvedBy([group('nobody')]) })
    const [vic, mark] = [engine.as('vic'), engine.mails.length]
    const requestId = await request(vic, packageId)
    await engine.quiet()
    expect(mailsSince(engine, mark)).toEqual(['no-approver alice'])
    await engine.advance({ days: 14 })
    const found = await vic.ok('getRequest', { requestId })
    expect([found.status, found.subStatus]).toEqual(['Cancelled', 'TimedOut'])
    expect(mailsSince(engine, mark)).toEqual(['no-approver alice', 'timed-out vic'])
  })
})
