import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { givenPackage, request, terms, untilAssignment } from './testing/given.ts'
import { type Engine, openEngine } from './testing/openEngine.ts'

describe('S8 External directories', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine()
  })
  afterAll(() => engine.close())

  it.each([
    'partner.example',
    'partner-group.example',
    'PARTNER.Example',
    'bücher.example',
    'xn--bcher-kva.example',
  ])('found by %s: the answer gives its name and its initial domain', async (domain) => {
    const found = await engine.as('alice').ok('findExternalDirectory', { domain })
    expect(found).toMatchObject({
      id: 'partner',
      displayName: 'Partner Works',
      initialDomain: 'partner.example',
      allowed: true,
    })
  })

  it('a domain of nobody is not found; only who makes policies may search', async () => {
    expect(
      await engine.as('alice').refused('findExternalDirectory', { domain: 'nobody.example' }),
    ).toMatchObject({ status: 404 })
    const refused = await engine
      .as('sam')
      .refused('findExternalDirectory', { domain: 'partner.example' })
    expect([403, 404]).toContain(refused.status)
  })

  it('all users from all domains of the directory may request, not only of the one searched for', async () => {
    const { id } = await engine
      .as('alice')
      .ok('findExternalDirectory', { domain: 'partner-group.example' })
    const packageId = await givenPackage(engine, {
      requestors: { kind: 'external', directoryIds: [id] },
    })
    for (const person of ['pia', 'paul']) {
      const caller = engine.as(person)
      const { items } = await caller.ok('listRequestablePackages', {})
      expect(items.map((item) => item.id)).toContain(packageId)
      const requestId = await request(caller, packageId)
      const { history } = await caller.ok('getRequest', { requestId })
      expect(history[0]?.data).toMatchObject({
        basis: { kind: 'externalDirectory', id: 'partner' },
      })
      await untilAssignment(caller, `${packageId}.${person}.a1`, 'Delivered')
    }
    for (const person of ['sue', 'sam'])
      expect((await engine.as(person).refused('submitRequest', { packageId })).code).toBe(
        'package.not-found',
      )
  })

  it('several directories in one policy', async () => {
    const packageId = await givenPackage(engine, {
      requestors: { kind: 'external', directoryIds: ['partner', 'supplier'] },
    })
    for (const person of ['paul', 'sue']) await request(engine.as(person), packageId)
  })

  it('one outside the collaboration restrictions is refused, and is said to be so when it is found', async () => {
    const found = await engine.as('alice').ok('findExternalDirectory', { domain: 'rival.example' })
    expect(found).toMatchObject({ id: 'rival', allowed: false })
    const packageId = await givenPackage(engine)
    const odd = terms({ requestors: { kind: 'external', directoryIds: ['partner', 'rival'] } })
    expect(
      await engine.as('alice').refused('addPolicy', { packageId, id: 'odd', terms: odd }),
    ).toMatchObject({
      status: 422,
      code: 'policy.directory-refused',
      data: { directoryIds: ['rival'] },
    })
  })

  it('one that is not allowed any more lets nobody request from then on; who has access keeps it', async () => {
    const packageId = await givenPackage(engine, {
      requestors: { kind: 'external', directoryIds: ['supplier', 'partner'] },
    })
    await request(engine.as('pia'), packageId)
    await untilAssignment(engine.as('pia'), `${packageId}.pia.a1`, 'Delivered')
    await engine.changeOrganisation((organisation) => ({
      ...organisation,
      'external-directories': organisation['external-directories'].map((directory) =>
        directory.id === 'partner' ? { ...directory, allowed: false } : directory,
      ),
    }))
    expect((await engine.as('paul').refused('submitRequest', { packageId })).status).toBe(422)
    await request(engine.as('sue'), packageId)
    const kept = await engine.as('pia').ok('getAssignment', { assignmentId: `${packageId}.pia.a1` })
    expect(kept.status).toBe('Delivered')
  })
})
