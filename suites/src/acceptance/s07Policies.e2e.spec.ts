import type { PolicyTermsInput } from '@portcullis/api-contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  approvedBy,
  fresh,
  givenAssignment,
  givenPackage,
  group,
  request,
  terms,
  untilAssignment,
  untilRequest,
  user,
} from './testing/given.ts'
import { type Engine, later, openEngine } from './testing/openEngine.ts'

describe('S7 Policies', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine()
  })
  afterAll(() => engine.close())

  it('none yet: nobody can request the package, nor be assigned to it', async () => {
    const packageId = fresh('package')
    const alice = engine.as('alice')
    await alice.ok('createAccessPackage', { id: packageId, displayName: 'Bare' })
    expect(await engine.as('sam').refused('submitRequest', { packageId })).toMatchObject({
      status: 404,
      code: 'package.not-found',
    })
    expect(
      await alice.refused('assignDirectly', { packageId, subjectId: 'sam', policyId: 'any' }),
    ).toMatchObject({ status: 404, code: 'assignment.policy-not-found' })
  })

  it('several per package, each for its own: users, groups, all users of external directories, no one', async () => {
    const packageId = await givenPackage(engine, {
      requestors: { kind: 'directory', principals: [user('nora'), group('leads')] },
    })
    const alice = engine.as('alice')
    await alice.ok('addPolicy', {
      packageId,
      id: 'outside',
      terms: terms({ requestors: { kind: 'external', directoryIds: ['partner', 'supplier'] } }),
    })
    await alice.ok('addPolicy', {
      packageId,
      id: 'direct',
      terms: terms({ requestors: { kind: 'none' } }),
    })
    for (const [id, policyId] of [
      ['nora', 'standard'],
      ['lea', 'standard'],
      ['pia', 'outside'],
      ['paul', 'outside'],
      ['sue', 'outside'],
    ] as const) {
      const requestId = await request(engine.as(id), packageId)
      expect((await engine.as(id).ok('getRequest', { requestId })).policyId).toBe(policyId)
    }
    for (const [id, code] of [
      ['sam', 'package.not-found'],
      // Of a directory that the collaboration restrictions refuse (S8).
      ['rick', 'subject.directory-refused'],
    ] as const)
      expect((await engine.as(id).refused('submitRequest', { packageId })).code).toBe(code)
    const direct = { packageId, policyId: 'direct' }
    const why = await alice.ok('whyAccessPackage', { packageId, subjectId: 'sam' })
    expect(why.policies.find(({ policyId }) => policyId === 'direct')?.sentence).toContain(
      'administrators assign directly',
    )
    await alice.ok('assignDirectly', { ...direct, subjectId: 'sam' })
    await untilAssignment(engine.as('sam'), `${packageId}.sam.a1`, 'Delivered')
  })

  it("internal and external subjects don't mix in one policy", async () => {
    const packageId = await givenPackage(engine)
    const alice = engine.as('alice')
    const mixed = {
      id: 'mixed',
      terms: {
        ...terms(),
        requestors: { kind: 'directory', principals: [user('sam')], directoryIds: ['partner'] },
      },
    }
    const { status, text } = await alice.raw(
      'POST',
      `/v1/access-packages/${packageId}/policies`,
      mixed,
    )
    expect([status, JSON.parse(text).code]).toEqual([400, 'input.invalid'])
    // Nor does naming an external person let them in among our own.
    const named = await alice.raw('POST', `/v1/access-packages/${packageId}/policies`, {
      id: 'named',
      terms: terms({ requestors: { kind: 'directory', principals: [user('pia')] } }),
    })
    if (named.status < 300)
      expect((await engine.as('pia').refused('submitRequest', { packageId })).code).toBe(
        'package.not-found',
      )
  })

  it('changed at any time: requests that exist go on under the version that they were made by', async () => {
    const packageId = await givenPackage(engine, {
      approval: approvedBy([user('bob')], { timeoutDays: 3 }),
      expiration: { kind: 'afterDays', days: 30 },
    })
    const [alice, tess] = [engine.as('alice'), engine.as('tess')]
    const old = await request(tess, packageId)
    const submittedAt = engine.clock.now()
    await alice.ok('changePolicy', {
      packageId,
      policyId: 'standard',
      terms: terms({
        displayName: 'Stricter',
        requestors: { kind: 'directory', principals: [user('uma')] },
        approval: approvedBy([user('ben')], { timeoutDays: 1, approverJustification: true }),
        expiration: { kind: 'afterHours', hours: 2 },
      }),
    })
    const before = await tess.ok('getRequest', { requestId: old })
    expect([before.policyVersion, before.decideBy, before.approverIds]).toEqual([
      1,
      later(submittedAt, { days: 3 }),
      ['bob'],
    ])
    await engine.advance({ days: 2 })
    expect((await engine.as('ben').refused('approveRequest', { requestId: old })).code).toBe(
      'approval.forbidden',
    )
    await engine.as('bob').ok('approveRequest', { requestId: old })
    const approvedAt = engine.clock.now()
    const given = await untilAssignment(tess, `${packageId}.tess.a1`, 'Delivered')
    expect([given.policyVersion, given.endAt]).toEqual([1, later(approvedAt, { days: 30 })])

    // A new one is under the new terms.
    expect((await engine.as('vic').refused('submitRequest', { packageId })).code).toBe(
      'package.not-found',
    )
    const requestId = await request(engine.as('uma'), packageId)
    expect((await engine.as('ben').refused('approveRequest', { requestId })).code).toBe(
      'approval.justification-needed',
    )
    await engine.as('ben').ok('approveRequest', { requestId, justification: 'Yes' })
    const found = await untilRequest(engine.as('uma'), requestId, 'Fulfilled')
    expect(found.policyVersion).toBe(2)
    const shorter = await untilAssignment(engine.as('uma'), `${packageId}.uma.a1`, 'Delivered')
    expect([shorter.policyVersion, shorter.endAt]).toEqual([2, later(approvedAt, { hours: 2 })])
  })

  it('an assignment that exists keeps its end and its right to extend', async () => {
    const packageId = await givenPackage(engine, {
      expiration: { kind: 'afterDays', days: 10 },
      extension: { allowed: true, approvalRequired: false },
    })
    const assignmentId = await givenAssignment(engine, packageId, 'will')
    const endAt = later(engine.clock.now(), { days: 10 })
    await engine.as('alice').ok('changePolicy', { packageId, policyId: 'standard', terms: terms() })
    await engine.as('will').ok('extendAssignment', { assignmentId })
    const found = await engine.as('will').ok('getAssignment', { assignmentId })
    expect([found.policyVersion, found.endAt]).toEqual([1, later(endAt, { days: 10 })])
    expect((await givenAssignment(engine, packageId, 'xena')).endsWith('.a1')).toBe(true)
    const endless = await engine
      .as('xena')
      .ok('getAssignment', { assignmentId: `${packageId}.xena.a1` })
    expect([endless.policyVersion, endless.endAt]).toEqual([2, null])
  })

  it('changed to the same terms nothing happens, and the version stays', async () => {
    const packageId = await givenPackage(engine)
    const alice = engine.as('alice')
    for (const displayName of ['Staff', 'Other', 'Other'])
      await alice.ok('changePolicy', {
        packageId,
        policyId: 'standard',
        terms: terms({ displayName }),
      })
    const { policies } = await alice.ok('getAccessPackage', { packageId })
    expect(policies.map(({ version }) => version)).toEqual([2])
  })

  it('only who manages the package changes its policies; an unknown group, person or zone is refused', async () => {
    const packageId = await givenPackage(engine)
    const change = { packageId, policyId: 'standard' }
    expect(
      (await engine.as('nora').refused('changePolicy', { ...change, terms: terms() })).status,
    ).toBe(403)
    const odd: readonly (readonly [Partial<PolicyTermsInput>, string])[] = [
      [
        { requestors: { kind: 'directory', principals: [group('ghosts')] } },
        'policy.unknown-principal',
      ],
      [
        { requestors: { kind: 'directory', principals: [user('ghost')] } },
        'policy.unknown-principal',
      ],
      [{ requestors: { kind: 'external', directoryIds: ['ghost'] } }, 'policy.unknown-principal'],
      [{ zone: 'Mars/Olympus' }, 'input.invalid'],
    ]
    for (const [changes, code] of odd)
      expect(
        await engine.as('alice').refused('changePolicy', { ...change, terms: terms(changes) }),
      ).toMatchObject({ status: 400, code })
  })
})
