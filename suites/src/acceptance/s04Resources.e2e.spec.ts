import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fresh, givenCatalog, role } from './testing/given.ts'
import { type Engine, openEngine } from './testing/openEngine.ts'

describe('S4 Resources', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine()
  })
  afterAll(() => engine.close())

  const create = (catalogId: string, ...roles: readonly string[]) => ({
    id: fresh('package'),
    catalogId,
    displayName: 'Some roles',
    resourceRoles: roles.map(role),
  })
  const resourcesOf = async (catalogId: string): Promise<readonly string[]> =>
    (await engine.as('alice').ok('getCatalog', { catalogId })).resourceIds

  it('types group, application and SharePoint site, each with its roles', async () => {
    const alice = engine.as('alice')
    for (const [kind, ids] of [
      ['group', ['chat']],
      ['application', ['crm', 'desk', 'git', 'vault']],
      ['sharepointSite', ['wiki']],
    ] as const) {
      const { items } = await alice.ok('listResources', { kind })
      expect(items.map((item) => [item.kind, item.id])).toEqual(ids.map((id) => [kind, id]))
    }
    const { items } = await alice.ok('listResources', { search: 'wiki' })
    expect(items.map(({ roles }) => roles.map(({ id }) => id))).toEqual([['reader', 'editor']])
    const catalogId = await givenCatalog(engine)
    const made = create(catalogId, 'chat.owner', 'git.admin', 'wiki.editor')
    await alice.ok('createAccessPackage', made)
    expect((await alice.ok('getAccessPackage', { packageId: made.id })).resourceRoles).toEqual(
      made.resourceRoles,
    )
  })

  it('Default or new catalog: any resource of the directory that the actor owns', async () => {
    const [alice, carl] = [engine.as('alice'), engine.as('carl')]
    await alice.ok('createAccessPackage', create('default', 'git.member'))
    const { catalogId = '' } = await carl.ok('createCatalog', { displayName: "Carl's" })
    const owned = (await carl.ok('listResources', { ownedByMe: 'true' })).items
    expect(owned.map(({ id }) => id)).toEqual(['wiki'])
    await carl.ok('createAccessPackage', create(catalogId, 'wiki.editor'))
    expect(await resourcesOf(catalogId)).toEqual(['wiki'])
  })

  it('one that the actor does not own and that is not in the catalog is refused, and nothing is made', async () => {
    const { catalogId = '' } = await engine.as('carl').ok('createCatalog', { displayName: 'New' })
    const made = create(catalogId, 'wiki.editor', 'git.member')
    const refused = await engine.as('carl').refused('createAccessPackage', made)
    expect([refused.status, refused.code]).toEqual([422, 'package.resource-not-in-catalog'])
    expect(await resourcesOf(catalogId)).toEqual([])
    expect(
      (await engine.as('alice').refused('getAccessPackage', { packageId: made.id })).status,
    ).toBe(404)
  })

  it('existing catalog: any resource already in it, owned or not', async () => {
    const catalogId = await givenCatalog(engine)
    const mia = engine.as('mia')
    const { items } = await mia.ok('listResources', { catalogId })
    expect(items.map(({ id, ownerIds }) => [id, ownerIds.includes('mia')])).toEqual([
      ['chat', false],
      ['crm', false],
    ])
    await mia.ok('createAccessPackage', create(catalogId, 'chat.member', 'crm.user'))
  })

  it.each([
    ['alice', 'User administrator', 'git.member'],
    ['olga', 'Catalog owner', 'crm.admin'],
  ])(
    '%s (%s) picks a resource of their own that is not in the catalog yet: it is added to the catalog as well',
    async (id, _, ownRole) => {
      const catalogId = await givenCatalog(engine)
      await engine.as('olga').ok('removeResource', { catalogId, resourceId: 'crm' })
      const own = role(ownRole)
      const made = create(catalogId, 'chat.member')
      await engine.as(id).ok('createAccessPackage', made)
      expect(await resourcesOf(catalogId)).toEqual(['chat'])
      await engine.as(id).ok('addResourceRole', { packageId: made.id, ...own })
      expect(await resourcesOf(catalogId)).toEqual(['chat', own.resourceId])
      // And others may build packages of it from now on.
      await engine.as('mia').ok('createAccessPackage', create(catalogId, ownRole))
    },
  )

  it('an access package manager may not bring in even a resource of their own, nor an owner one of others', async () => {
    const catalogId = await givenCatalog(engine)
    const made = create(catalogId, 'chat.member')
    await engine.as('mia').ok('createAccessPackage', made)
    for (const [id, other] of [
      ['mia', 'desk.user'],
      ['olga', 'vault.user'],
    ] as const) {
      const refused = await engine
        .as(id)
        .refused('addResourceRole', { packageId: made.id, ...role(other) })
      expect([refused.status, refused.code]).toEqual([422, 'package.resource-not-in-catalog'])
    }
    expect(
      (await engine.as('olga').refused('addResource', { catalogId, resourceId: 'vault' })).status,
    ).toBe(403)
    expect(await resourcesOf(catalogId)).toEqual(['chat', 'crm'])
  })

  it('a resource that there is not is told as such to who may add any, to others as one that is not theirs; a role that there is not as such', async () => {
    const catalogId = await givenCatalog(engine)
    const [alice, olga] = [engine.as('alice'), engine.as('olga')]
    expect(
      await alice.refused('createAccessPackage', create(catalogId, 'ghost.user')),
    ).toMatchObject({ status: 404, code: 'package.resource-not-found' })
    for (const resource of ['ghost', 'vault']) {
      expect(
        await olga.refused('createAccessPackage', create(catalogId, `${resource}.user`)),
      ).toMatchObject({ status: 422, code: 'package.resource-not-in-catalog' })
      expect(await olga.refused('addResource', { catalogId, resourceId: resource })).toMatchObject({
        status: 403,
        code: 'catalog.resource-not-owned',
      })
    }
    expect(await olga.refused('createAccessPackage', create(catalogId, 'chat.king'))).toMatchObject(
      {
        status: 404,
        code: 'package.role-not-found',
        data: { roleIds: ['member', 'owner'] },
      },
    )
    expect(await alice.refused('addResource', { catalogId, resourceId: 'ghost' })).toMatchObject({
      status: 404,
      code: 'catalog.resource-not-found',
    })
  })
})
