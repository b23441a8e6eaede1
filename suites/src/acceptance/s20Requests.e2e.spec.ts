import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Answer, Caller } from './testing/caller.ts'
import {
  approvedBy,
  givenPackage,
  group,
  request,
  typesOf,
  untilAssignment,
  untilRequest,
  user,
} from './testing/given.ts'
import { type Engine, openEngine } from './testing/openEngine.ts'

describe('S20 See requests', () => {
  let engine: Engine
  let alice: Caller
  /** Approved by bob, or by a member of leads. */
  let first: string
  /** Without approval. */
  let second: string
  const ids = ({ items }: { readonly items: readonly { readonly id: string }[] }) =>
    items.map(({ id }) => id)

  beforeAll(async () => {
    engine = await openEngine()
    alice = engine.as('alice')
    first = await givenPackage(engine, { approval: approvedBy([user('bob'), group('leads')]) })
    second = await givenPackage(engine)
    for (const id of ['sam', 'tess', 'uma', 'vic', 'will'])
      await request(engine.as(id), first, { justification: `By ${id}` })
    for (const id of ['sam', 'xena']) await request(engine.as(id), second)
    const bob = engine.as('bob')
    await bob.ok('approveRequest', { requestId: `${first}.sam.r1`, justification: 'Yes' })
    await bob.ok('denyRequest', { requestId: `${first}.tess.r1`, justification: 'No' })
    await engine.as('uma').ok('cancelRequest', { requestId: `${first}.uma.r1` })
    await untilRequest(alice, `${first}.sam.r1`, 'Fulfilled')
    await untilRequest(alice, `${second}.sam.r1`, 'Fulfilled')
    await untilRequest(alice, `${second}.xena.r1`, 'Fulfilled')
  })
  afterAll(() => engine.close())

  it('of a package, newest first', async () => {
    expect(ids(await alice.ok('listRequests', { packageId: first }))).toEqual(
      ['will', 'vic', 'uma', 'tess', 'sam'].map((id) => `${first}.${id}.r1`),
    )
  })

  it('of a subject: by an administrator, and by the subject themselves', async () => {
    const theirs = [`${second}.sam.r1`, `${first}.sam.r1`]
    expect(ids(await alice.ok('listRequests', { subjectId: 'sam' }))).toEqual(theirs)
    expect(ids(await engine.as('sam').ok('listRequests', {}))).toEqual(theirs)
    expect(ids(await engine.as('xena').ok('listRequests', {}))).toEqual([`${second}.xena.r1`])
    expect(ids(await engine.as('nora').ok('listRequests', { packageId: first }))).toEqual([])
  })

  it('"waiting for my approval": those that I may decide, named or by a group, and only until somebody has', async () => {
    const waiting = [`${first}.will.r1`, `${first}.vic.r1`]
    for (const id of ['bob', 'lea', 'leo'])
      expect(ids(await engine.as(id).ok('listRequests', { waitingForMe: 'true' }))).toEqual(waiting)
    for (const id of ['ben', 'alice', 'vic'])
      expect(ids(await engine.as(id).ok('listRequests', { waitingForMe: 'true' }))).toEqual([])
  })

  it.each([
    [['PendingApproval'], ['will', 'vic']],
    [['Fulfilled'], ['sam']],
    [['Denied'], ['tess']],
    [['Cancelled'], ['uma']],
    [
      ['Denied', 'Cancelled'],
      ['uma', 'tess'],
    ],
    [['Unfulfilled'], []],
  ])('filtered by %j', async (status, subjects) => {
    expect(ids(await alice.ok('listRequests', { packageId: first, status }))).toEqual(
      subjects.map((id) => `${first}.${id}.r1`),
    )
  })

  it('filters go together, and page by page', async () => {
    const filter = { packageId: first, subjectId: 'vic', status: ['PendingApproval'] }
    expect(ids(await alice.ok('listRequests', filter))).toEqual([`${first}.vic.r1`])
    expect(ids(await alice.ok('listRequests', { ...filter, subjectId: 'sam' }))).toEqual([])
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const page: Answer<'listRequests'> = await alice.ok('listRequests', {
        packageId: first,
        limit: 2,
        ...(cursor === null ? {} : { cursor }),
      })
      seen.push(...ids(page))
      cursor = page.next
    } while (cursor !== null)
    expect(seen).toEqual(['will', 'vic', 'uma', 'tess', 'sam'].map((id) => `${first}.${id}.r1`))
    expect((await alice.refused('listRequests', { status: ['Nonsense'] })).status).toBe(400)
  })

  it('one in full detail with its history: who, what, when, why, and what came of it', async () => {
    const requestId = `${first}.sam.r1`
    const found = await alice.ok('getRequest', { requestId })
    expect(found).toMatchObject({
      id: requestId,
      kind: 'new',
      packageId: first,
      subjectId: 'sam',
      requestorId: 'sam',
      policyId: 'standard',
      policyVersion: 1,
      status: 'Fulfilled',
      subStatus: null,
      justification: 'By sam',
      decidedBy: 'bob',
      decidedAt: engine.clock.now(),
      decisionJustification: 'Yes',
      assignmentId: `${first}.sam.a1`,
      fulfilmentErrors: [],
      submittedAt: engine.clock.now(),
    })
    expect(typesOf(found)).toEqual([
      'RequestSubmitted',
      'ApprovalGranted',
      'AssignmentStarted',
      'RolesDelivered',
    ])
    expect(found.history.map(({ actor }) => actor)).toMatchObject([
      { kind: 'user', id: 'sam' },
      { kind: 'user', id: 'bob' },
      { kind: 'user', id: 'bob' },
      { kind: 'system' },
    ])
    for (const id of ['sam', 'bob'])
      expect((await engine.as(id).ok('getRequest', { requestId })).id).toBe(requestId)
    for (const id of ['nora', 'tess'])
      expect(await engine.as(id).refused('getRequest', { requestId })).toMatchObject({
        status: 404,
        code: 'query.not-found',
      })
  })

  it('its later life stays in its history: the end of what it led to', async () => {
    const assignmentId = `${second}.xena.a1`
    await engine.as('xena').ok('removeAssignment', { assignmentId })
    await untilAssignment(alice, assignmentId, 'Removed')
    const found = await alice.ok('getRequest', { requestId: `${second}.xena.r1` })
    expect([found.status, typesOf(found).slice(-2)]).toEqual([
      'Fulfilled',
      ['AssignmentEnded', 'RolesRevoked'],
    ])
  })
})
