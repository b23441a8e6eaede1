import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fresh, givenCatalog } from './testing/given.ts'
import { type Engine, openEngine } from './testing/openEngine.ts'

describe('S2 Create a package', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine()
  })
  afterAll(() => engine.close())

  it('with display name and description, which can be changed later', async () => {
    const alice = engine.as('alice')
    const packageId = fresh('package')
    const names = { displayName: 'Web team', description: 'Everything for a new member' }
    await alice.ok('createAccessPackage', { id: packageId, ...names })
    expect(await alice.ok('getAccessPackage', { packageId })).toMatchObject({
      id: packageId,
      ...names,
      hidden: false,
      resourceRoles: [],
      policies: [],
      createdAt: engine.clock.now(),
    })
    await alice.ok('changeAccessPackage', { packageId, displayName: 'Web', description: '' })
    expect(await alice.ok('getAccessPackage', { packageId })).toMatchObject({
      displayName: 'Web',
      description: '',
    })
  })

  it('without a name, or with one or a description that is too long, it is refused', async () => {
    for (const [body, path] of [
      [{}, 'body.displayName'],
      [{ displayName: '' }, 'body.displayName'],
      [{ displayName: 'x'.repeat(257) }, 'body.displayName'],
      [{ displayName: 'x', description: 'x'.repeat(2001) }, 'body.description'],
    ] as const) {
      const { status, text } = await engine.as('alice').raw('POST', '/v1/access-packages', body)
      expect([status, JSON.parse(text).errors[0].path]).toEqual([400, path])
    }
  })

  it('in Default: at least User administrator', async () => {
    await engine.as('alice').ok('createAccessPackage', { displayName: 'Ours' })
    for (const id of ['carl', 'olga', 'mia', 'nora']) {
      const refused = await engine.as(id).refused('createAccessPackage', { displayName: 'Mine' })
      expect([refused.status, refused.code, refused.data]).toMatchObject([
        403,
        'package.forbidden',
        { enoughRoles: ['UserAdministrator'] },
      ])
    }
  })

  it('in another catalog: User administrator, its owner, its access package manager; nobody else', async () => {
    const catalogId = await givenCatalog(engine)
    for (const id of ['alice', 'olga', 'mia'])
      await engine.as(id).ok('createAccessPackage', { catalogId, displayName: `By ${id}` })
    for (const id of ['carl', 'nora', 'sam']) {
      const refused = await engine
        .as(id)
        .refused('createAccessPackage', { catalogId, displayName: 'Mine' })
      expect([refused.status, refused.code]).toEqual([403, 'package.forbidden'])
    }
    const { items } = await engine.as('olga').ok('listAccessPackages', { catalogId })
    expect(items.map(({ displayName }) => displayName).sort()).toEqual([
      'By alice',
      'By mia',
      'By olga',
    ])
  })

  it('in a catalog that there is not: told as such', async () => {
    expect(
      await engine
        .as('alice')
        .refused('createAccessPackage', { catalogId: 'ghost', displayName: 'Lost' }),
    ).toMatchObject({ status: 404, code: 'catalog.not-found' })
  })

  it('"which catalogs may I create in" lists exactly those', async () => {
    const [one, other] = [await givenCatalog(engine), await givenCatalog(engine)]
    const olga = engine.as('olga')
    await olga.ok('addCatalogOwner', { catalogId: other, personId: 'nora' })
    await olga.ok('removePackageManager', { catalogId: other, personId: 'mia' })
    const may = async (id: string): Promise<readonly string[]> =>
      (await engine.as(id).ok('listCatalogsForNewPackages', { limit: 200 })).items.map(
        (catalog) => catalog.id,
      )
    expect(await may('nora')).toEqual([other])
    expect(await may('carl')).toEqual([])
    expect(await may('sam')).toEqual([])
    const mias = await may('mia')
    expect([mias.includes(one), mias.includes(other)]).toEqual([true, false])
    expect(await may('alice')).toEqual(expect.arrayContaining(['default', one, other]))
    for (const id of ['olga', 'mia']) expect(await may(id)).not.toContain('default')
    // It is as good as its word: one can create in each, and in no other.
    for (const id of ['nora', 'mia'])
      for (const catalogId of [one, other]) {
        const { status } = await engine
          .as(id)
          .raw('POST', '/v1/access-packages', { catalogId, displayName: 'Tried' })
        expect(status === 201).toBe((await may(id)).includes(catalogId))
      }
  })
})
