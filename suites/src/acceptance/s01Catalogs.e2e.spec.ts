import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fresh, givenCatalog } from './testing/given.ts'
import { type Engine, openEngine } from './testing/openEngine.ts'

describe('S1 Catalogs', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine()
  })
  afterAll(() => engine.close())

  it('a package without a catalog goes to the built-in Default catalog', async () => {
    const alice = engine.as('alice')
    const made = await alice.ok('createAccessPackage', { displayName: 'Anything' })
    const packageId = made.packageId ?? ''
    const { catalogId } = await alice.ok('getAccessPackage', { packageId })
    const { displayName } = await alice.ok('getCatalog', { catalogId })
    expect([catalogId, displayName]).toEqual(['default', 'Default'])
  })

  it('a package lives in exactly one catalog and never moves: no command takes another one', async () => {
    const [here, elsewhere] = [await givenCatalog(engine), await givenCatalog(engine)]
    const [alice, id] = [engine.as('alice'), fresh('package')]
    await alice.ok('createAccessPackage', { id, catalogId: here, displayName: 'Stays' })
    const moved = await alice.raw('PATCH', `/v1/access-packages/${id}`, { catalogId: elsewhere })
    expect([moved.status, JSON.parse(moved.text).code]).toEqual([400, 'input.invalid'])
    const again = await alice.refused('createAccessPackage', {
      id,
      catalogId: elsewhere,
      displayName: 'Stays',
    })
    expect([again.status, again.code]).toEqual([409, 'package.already-exists'])
    const packagesOf = async (catalogId: string) =>
      (await alice.ok('listAccessPackages', { catalogId })).items.map((item) => item.id)
    expect([await packagesOf(here), await packagesOf(elsewhere)]).toEqual([[id], []])
    expect((await alice.ok('getAccessPackage', { packageId: id })).catalogId).toBe(here)
  })

  it.each([
    ['alice', 'User administrator'],
    ['carl', 'Catalog creator'],
  ])('%s (%s) creates one and becomes its first owner', async (id) => {
    const { catalogId = '' } = await engine.as(id).ok('createCatalog', { displayName: 'New' })
    const { ownerIds, packageManagerIds } = await engine.as(id).ok('getCatalog', { catalogId })
    expect({ ownerIds, packageManagerIds }).toEqual({ ownerIds: [id], packageManagerIds: [] })
  })

  it('nobody else creates one, not even the owner of another', async () => {
    await givenCatalog(engine)
    for (const id of ['olga', 'mia', 'nora']) {
      const refused = await engine.as(id).refused('createCatalog', { displayName: 'New' })
      expect([refused.status, refused.code, refused.data]).toEqual([
        403,
        'catalog.forbidden',
        { enoughRoles: ['CatalogCreator', 'UserAdministrator'] },
      ])
    }
  })

  it('the built-in one can not be made anew, and its id not taken', async () => {
    const refused = await engine
      .as('alice')
      .refused('createCatalog', { id: 'default', displayName: 'Mine' })
    expect([refused.status, refused.code]).toEqual([409, 'catalog.already-exists'])
  })

  it('owners are added and removed; who is removed may no longer', async () => {
    const catalogId = await givenCatalog(engine)
    const [olga, nora] = [engine.as('olga'), engine.as('nora')]
    await olga.ok('addCatalogOwner', { catalogId, personId: 'nora' })
    await nora.ok('renameCatalog', { catalogId, displayName: 'Ours', description: 'Both of us' })
    expect((await nora.ok('getCatalog', { catalogId })).ownerIds).toEqual(['olga', 'nora'])
    await olga.ok('removeCatalogOwner', { catalogId, personId: 'nora' })
    expect((await olga.ok('getCatalog', { catalogId })).ownerIds).toEqual(['olga'])
    const late = { catalogId, displayName: 'Mine', description: '' }
    expect((await nora.refused('renameCatalog', late)).code).toBe('catalog.forbidden')
  })

  it('an owner who does not exist is refused', async () => {
    const catalogId = await givenCatalog(engine)
    const refused = await engine
      .as('olga')
      .refused('addCatalogOwner', { catalogId, personId: 'nobody-knows' })
    expect([refused.status, refused.code]).toEqual([404, 'catalog.person-not-found'])
  })

  it('the last owner stays, by whoever it is asked', async () => {
    const catalogId = await givenCatalog(engine)
    for (const id of ['olga', 'alice']) {
      const refused = await engine
        .as(id)
        .refused('removeCatalogOwner', { catalogId, personId: 'olga' })
      expect([refused.status, refused.code]).toEqual([422, 'catalog.last-owner'])
    }
    expect((await engine.as('olga').ok('getCatalog', { catalogId })).ownerIds).toEqual(['olga'])
  })

  it('of two owners who remove each other in the same instant one stays', async () => {
    const catalogId = await givenCatalog(engine)
    const [olga, nora] = [engine.as('olga'), engine.as('nora')]
    await olga.ok('addCatalogOwner', { catalogId, personId: 'nora' })
    const remove = (personId: string) => `/v1/catalogs/${catalogId}/owners/${personId}`
    const answers = await Promise.all([
      olga.raw('DELETE', remove('nora')),
      nora.raw('DELETE', remove('olga')),
    ])
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expect((await engine.as('alice').ok('getCatalog', { catalogId })).ownerIds).toHaveLength(1)
  })
})
