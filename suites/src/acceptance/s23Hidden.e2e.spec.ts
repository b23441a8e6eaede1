import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { approvedBy, givenPackage, request, untilRequest, user } from './testing/given.ts'
import { type Engine, openEngine } from './testing/openEngine.ts'

describe('S23 Hidden', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine()
  })
  afterAll(() => engine.close())

  const listed = async (id: string): Promise<readonly string[]> =>
    (await engine.as(id).ok('listRequestablePackages', { limit: 200 })).items.map((item) => item.id)

  it('not hidden: listed in "packages I can request" for everyone whom an enabled policy lets in, and for nobody else', async () => {
    const packageId = await givenPackage(engine)
    for (const id of ['sam', 'tess']) expect(await listed(id)).toContain(packageId)
    for (const id of ['nora', 'pia', 'olga']) expect(await listed(id)).not.toContain(packageId)
    expect(await engine.as('nora').refused('getRequestablePackage', { packageId })).toMatchObject({
      status: 404,
    })
  })

  it('hidden: not listed, but the direct link works, and it can be requested', async () => {
    const packageId = await givenPackage(
      engine,
      { approval: approvedBy([user('bob')]), requestorJustification: true },
      { hidden: true },
    )
    expect(await listed('sam')).not.toContain(packageId)
    const link = await engine.as('sam').ok('getRequestablePackage', { packageId })
    expect(link).toMatchObject({
      id: packageId,
      policies: [
        {
          id: 'standard',
          displayName: 'Staff',
          requestorJustification: true,
          approval: { required: true, stages: [{ timeoutDays: 14 }] },
        },
      ],
      state: null,
    })
    // What a requestor needs, and nobody else's names.
    expect(JSON.stringify(link)).not.toContain('bob')
    const requestId = await request(engine.as('sam'), packageId, { justification: 'By the link' })
    expect((await engine.as('sam').ok('getRequestablePackage', { packageId })).state).toBe(
      'pending',
    )
    await engine.as('bob').ok('approveRequest', { requestId })
    await untilRequest(engine.as('sam'), requestId, 'Fulfilled')
    expect((await engine.as('sam').ok('getRequestablePackage', { packageId })).state).toBe(
      'assigned',
    )
  })

  it('the link opens for nobody whom no enabled policy lets in', async () => {
    const packageId = await givenPackage(engine, {}, { hidden: true })
    for (const id of ['nora', 'pia']) {
      const stranger = engine.as(id)
      expect((await stranger.refused('getRequestablePackage', { packageId })).status).toBe(404)
      expect((await stranger.refused('whyAccessPackage', { packageId })).status).toBe(404)
      // What they are told is what they are told of a package that there isn't.
      for (const policyId of [undefined, 'standard', 'ghost']) {
        const told = async (asked: string) => {
          const { status, code, detail } = await stranger.refused('submitRequest', {
            packageId: asked,
            policyId,
          })
          return [status, code, detail.replaceAll(asked, '…')]
        }
        expect(await told(packageId)).toEqual(await told('ghost'))
      }
    }
    await engine.as('alice').ok('disablePolicy', { packageId, policyId: 'standard' })
    expect((await engine.as('sam').refused('getRequestablePackage', { packageId })).status).toBe(
      404,
    )
  })

  it('hidden and shown at will, in effect at once; who manages it sees it either way', async () => {
    const packageId = await givenPackage(engine)
    const alice = engine.as('alice')
    for (const hidden of [true, false, true]) {
      await alice.ok('changeAccessPackage', { packageId, hidden })
      expect((await listed('uma')).includes(packageId)).toBe(!hidden)
      expect((await alice.ok('getAccessPackage', { packageId })).hidden).toBe(hidden)
    }
    expect(
      (await engine.as('sam').refused('changeAccessPackage', { packageId, hidden: false })).status,
    ).toBe(403)
  })
})
