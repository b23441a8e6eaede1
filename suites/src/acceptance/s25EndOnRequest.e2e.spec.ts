import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  fresh,
  givenAssignment,
  givenCatalog,
  givenPackage,
  mailsSince,
  request,
  role,
  terms,
  untilAssignment,
} from './testing/given.ts'
import { type Engine, openEngine } from './testing/openEngine.ts'
import { until } from './testing/until.ts'

describe('S25 End of access on request', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine()
  })
  afterAll(() => engine.close())

  it('the subject gives an assignment back: everything that it conferred is revoked', async () => {
    const packageId = await givenPackage(
      engine,
      {},
      { roles: ['git.member', 'wiki.editor', 'crm.user'] },
    )
    const assignmentId = await givenAssignment(engine, packageId, 'sam')
    await engine.quiet()
    const mark = engine.mails.length
    const sam = engine.as('sam')
    await sam.ok('removeAssignment', { assignmentId, justification: 'I change teams' })
    await engine.quiet()
    const found = await sam.ok('getAssignment', { assignmentId })
    expect([found.status, found.settled, found.endedAt]).toEqual([
      'Removed',
      true,
      engine.clock.now(),
    ])
    expect(found.history.find(({ type }) => type === 'AssignmentEnded.v2')?.data).toMatchObject({
      reason: 'removed',
      by: 'sam',
      justification: 'I change teams',
    })
    expect([...engine.steady.held(), ...engine.shaky.held()]).toEqual([])
    expect(mailsSince(engine, mark)).toEqual(['ended sam'])
    // And may be asked for anew.
    await request(sam, packageId)
    await untilAssignment(sam, `${packageId}.sam.a2`, 'Delivered')
  })

  it('an administrator of the package takes it: User administrator, Catalog owner, Access package manager; nobody else', async () => {
    const catalogId = await givenCatalog(engine)
    const packageId = fresh('package')
    await engine.as('olga').ok('createAccessPackage', {
      id: packageId,
      catalogId,
      displayName: 'Chat',
      resourceRoles: [role('chat.member')],
      policies: [{ id: 'standard', terms: terms() }],
    })
    for (const [actor, subject] of [
      ['alice', 'tess'],
      ['olga', 'uma'],
      ['mia', 'vic'],
    ] as const) {
      const assignmentId = await givenAssignment(engine, packageId, subject)
      for (const id of ['nora', 'carl', 'bob']) {
        const refused = await engine.as(id).refused('removeAssignment', { assignmentId })
        expect([refused.status, refused.code]).toEqual([403, 'assignment.forbidden'])
      }
      await engine.as(actor).ok('removeAssignment', { assignmentId })
      await untilAssignment(engine.as(subject), assignmentId, 'Removed')
    }
    expect(engine.steady.held().filter((line) => line.startsWith('chat.'))).toEqual([])
  })

  it('what another assignment of the same subject confers stays until that one goes (S6)', async () => {
    const one = await givenPackage(engine, {}, { roles: ['git.admin', 'wiki.reader'] })
    const other = await givenPackage(engine, {}, { roles: ['git.admin'] })
    const [first, second] = [
      await givenAssignment(engine, one, 'will'),
      await givenAssignment(engine, other, 'will'),
    ]
    const will = engine.as('will')
    await will.ok('removeAssignment', { assignmentId: first })
    await untilAssignment(will, first, 'Removed')
    expect(engine.steady.held().filter((line) => line.endsWith('.will'))).toEqual([
      'git.admin.will',
    ])
    expect(engine.steady.calls).not.toContain('revoke git.admin.will')
    await will.ok('removeAssignment', { assignmentId: second })
    await untilAssignment(will, second, 'Removed')
    expect(engine.steady.held().filter((line) => line.endsWith('.will'))).toEqual([])
  })

  it('one that has ended can not be removed again', async () => {
    const packageId = await givenPackage(engine)
    const assignmentId = await givenAssignment(engine, packageId, 'xena')
    const xena = engine.as('xena')
    await xena.ok('removeAssignment', { assignmentId })
    expect(await xena.refused('removeAssignment', { assignmentId })).toMatchObject({
      status: 409,
      code: 'assignment.already-ended',
    })
  })

  it('removed while its delivery is under way: nothing stays', async () => {
    const packageId = await givenPackage(engine, {}, { roles: ['crm.admin'] })
    engine.shaky.hang()
    await request(engine.as('yann'), packageId)
    await until('the delivery to be under way', () => engine.shaky.waiting() === 1)
    const assignmentId = `${packageId}.yann.a1`
    await engine.as('yann').ok('removeAssignment', { assignmentId })
    engine.shaky.release()
    await untilAssignment(engine.as('yann'), assignmentId, 'Removed')
    await engine.quiet()
    expect(engine.shaky.held()).not.toContain('crm.admin.yann')
  })

  it('a scheduled one is removed before it starts', async () => {
    const packageId = await givenPackage(engine)
    const { assignmentId } = await engine.as('alice').ok('assignDirectly', {
      packageId,
      subjectId: 'zoe',
      policyId: 'standard',
      startAt: '2026-07-01T00:00:00Z',
    })
    await engine.as('zoe').ok('removeAssignment', { assignmentId: assignmentId ?? '' })
    await engine.advanceTo('2026-07-01T00:00:00.000Z')
    const found = await engine.as('zoe').ok('getAssignment', { assignmentId: assignmentId ?? '' })
    expect(found.status).toBe('Removed')
    expect(engine.steady.calls).not.toContain('grant git.member.zoe')
  })

  it("somebody who has been disabled loses it when an administrator says so, although they can't come in any more", async () => {
    const packageId = await givenPackage(engine)
    const assignmentId = await givenAssignment(engine, packageId, 'uma')
    await engine.changeOrganisation((organisation) => ({
      ...organisation,
      people: organisation.people.map((person) =>
        person.id === 'uma' ? { ...person, enabled: false } : person,
      ),
    }))
    expect((await engine.as('uma').refused('removeAssignment', { assignmentId })).code).toBe(
      'actor.unknown',
    )
    await engine.as('alice').ok('removeAssignment', { assignmentId })
    await engine.quiet()
    expect(engine.steady.held()).not.toContain('git.member.uma')
  })
})
