import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { givenAssignment, givenPackage, role, typesOf } from './testing/given.ts'
import { type Engine, openEngine } from './testing/openEngine.ts'

describe('S6 Remove a resource role', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine()
  })
  afterAll(() => engine.close())

  it('everybody with an assignment loses it automatically, and keeps the rest', async () => {
    const packageId = await givenPackage(engine, {}, { roles: ['git.member', 'wiki.reader'] })
    const staff = ['sam', 'tess', 'uma']
    for (const id of staff) await givenAssignment(engine, packageId, id)
    await engine.as('alice').ok('removeResourceRole', { packageId, ...role('wiki.reader') })
    await engine.quiet()
    expect(engine.steady.held()).toEqual(staff.map((id) => `git.member.${id}`))
    const found = await engine
      .as('sam')
      .ok('getAssignment', { assignmentId: `${packageId}.sam.a1` })
    expect([found.status, found.settled, found.rolesVersion]).toEqual(['Delivered', true, 3])
    expect(found.history.at(-1)).toMatchObject({
      type: 'RolesRevoked.v1',
      data: { roles: [{ resourceId: 'wiki', roleId: 'reader', kept: null }], complete: true },
    })
  })

  it('unless another assignment of the same subject still confers the same resource role', async () => {
    const [one, other] = [
      await givenPackage(engine, {}, { roles: ['git.admin', 'wiki.editor'] }),
      await givenPackage(engine, {}, { roles: ['git.admin'] }),
    ]
    for (const id of ['vic', 'will']) await givenAssignment(engine, one, id)
    const kept = await givenAssignment(engine, other, 'will')
    const alice = engine.as('alice')
    await alice.ok('removeResourceRole', { packageId: one, ...role('git.admin') })
    await engine.quiet()
    const admins = () => engine.steady.held().filter((line) => line.startsWith('git.admin.'))
    expect(admins()).toEqual(['git.admin.will'])
    // It was never taken away in between.
    expect(engine.steady.calls).not.toContain('revoke git.admin.will')
    const found = await alice.ok('getAssignment', { assignmentId: `${one}.will.a1` })
    expect(found.history.at(-1)?.data).toMatchObject({
      roles: [{ resourceId: 'git', roleId: 'admin', kept: 'other-assignment' }],
    })
    const grants = (await alice.ok('getAssignment', { assignmentId: kept })).roles
    expect(grants.map(({ holderIds }) => holderIds)).toEqual([[kept]])
    await alice.ok('removeAssignment', { assignmentId: kept })
    await engine.quiet()
    expect(admins()).toEqual([])
  })

  it('what the subject had before is not taken away', async () => {
    engine.steady.giveByHand('git.reader.xena')
    const packageId = await givenPackage(engine, {}, { roles: ['git.reader', 'wiki.editor'] })
    const assignmentId = await givenAssignment(engine, packageId, 'xena')
    await engine.as('alice').ok('removeResourceRole', { packageId, ...role('git.reader') })
    await engine.quiet()
    expect(engine.steady.held()).toContain('git.reader.xena')
    const found = await engine.as('xena').ok('getAssignment', { assignmentId })
    expect(found.history.at(-1)?.data).toMatchObject({ roles: [{ kept: 'preexisting' }] })
  })

  it('removed and added again: everybody has it, whatever order the work is done in', async () => {
    const packageId = await givenPackage(engine, {}, { roles: ['git.reader'] })
    for (const id of ['yann', 'zoe']) await givenAssignment(engine, packageId, id)
    const alice = engine.as('alice')
    await alice.ok('removeResourceRole', { packageId, ...role('git.reader') })
    await alice.ok('addResourceRole', { packageId, ...role('git.reader') })
    await engine.quiet()
    expect(engine.steady.held()).toEqual(
      expect.arrayContaining(['git.reader.yann', 'git.reader.zoe']),
    )
    const found = await alice.ok('getAssignment', { assignmentId: `${packageId}.zoe.a1` })
    expect([found.status, found.settled]).toEqual(['Delivered', true])
    expect(typesOf(found)).not.toContain('AssignmentEnded')
  })

  it('a target that is down: it goes as soon as the target is back', async () => {
    const packageId = await givenPackage(engine, {}, { roles: ['git.member', 'crm.user'] })
    await givenAssignment(engine, packageId, 'vic')
    engine.shaky.down()
    await engine.as('alice').ok('removeResourceRole', { packageId, ...role('crm.user') })
    await engine.quiet()
    expect(engine.shaky.held()).toEqual(['crm.user.vic'])
    engine.shaky.up()
    await engine.advance({ minutes: 5 })
    expect(engine.shaky.held()).toEqual([])
  })
})
