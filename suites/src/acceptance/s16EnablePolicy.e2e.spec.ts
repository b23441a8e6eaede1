import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  approvedBy,
  fresh,
  givenPackage,
  request,
  role,
  terms,
  untilAssignment,
  untilRequest,
  user,
} from './testing/given.ts'
import { type Engine, openEngine } from './testing/openEngine.ts'
import { until } from './testing/until.ts'

describe('S16 Enable a policy', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine()
  })
  afterAll(() => engine.close())

  const listed = async (id: string): Promise<readonly string[]> =>
    (await engine.as(id).ok('listRequestablePackages', { limit: 200 })).items.map((item) => item.id)

  const createdDisabled = async (): Promise<string> => {
    const id = fresh('package')
    await engine.as('alice').ok('createAccessPackage', {
      id,
      displayName: 'Later',
      resourceRoles: [role('git.member')],
      policies: [{ id: 'standard', enabled: false, terms: terms() }],
    })
    return id
  }

  it('created disabled: not listed, not requestable, named or not', async () => {
    const packageId = await createdDisabled()
    expect(await listed('sam')).not.toContain(packageId)
    const sam = engine.as('sam')
    expect(await sam.refused('submitRequest', { packageId })).toMatchObject({
      status: 422,
      code: 'request.no-policy-applies',
      data: { policies: [{ policyId: 'standard', reason: 'it is disabled' }] },
    })
    expect(await sam.refused('submitRequest', { packageId, policyId: 'standard' })).toMatchObject({
      status: 422,
      code: 'request.policy-disabled',
    })
  })

  it('enabled and disabled later at will, in effect at once', async () => {
    const packageId = await createdDisabled()
    const alice = engine.as('alice')
    const policy = { packageId, policyId: 'standard' }
    for (const subject of ['sam', 'tess']) {
      await alice.ok('enablePolicy', policy)
      expect(await listed(subject)).toContain(packageId)
      await request(engine.as(subject), packageId)
      await alice.ok('disablePolicy', policy)
      expect(await listed(subject)).not.toContain(packageId)
      expect((await engine.as('uma').refused('submitRequest', { packageId })).code).toBe(
        'request.no-policy-applies',
      )
    }
    // Twice is no harm.
    await alice.ok('disablePolicy', policy)
    expect((await alice.ok('getAccessPackage', { packageId })).policies).toMatchObject([
      { id: 'standard', enabled: false, version: 1 },
    ])
  })

  it('created enabled, which is what a policy is when nothing is said', async () => {
    const packageId = await givenPackage(engine)
    await engine.as('alice').ok('addPolicy', {
      packageId,
      id: 'second',
      terms: terms({ requestors: { kind: 'directory', principals: [user('nora')] } }),
    })
    expect(await listed('sam')).toContain(packageId)
    expect(await listed('nora')).toContain(packageId)
  })

  it('one of several disabled: the others go on', async () => {
    const packageId = await givenPackage(engine)
    const alice = engine.as('alice')
    await alice.ok('addPolicy', { packageId, id: 'second', terms: terms() })
    await alice.ok('disablePolicy', { packageId, policyId: 'standard' })
    const requestId = await request(engine.as('vic'), packageId)
    expect((await engine.as('vic').ok('getRequest', { requestId })).policyId).toBe('second')
  })

  it('disabled between request, approval and delivery: what was asked before is decided and delivered', async () => {
    const packageId = await givenPackage(
      engine,
      { approval: approvedBy([user('bob')]) },
      { roles: ['wiki.editor'] },
    )
    const [alice, will] = [engine.as('alice'), engine.as('will')]
    const policy = { packageId, policyId: 'standard' }
    const requestId = await request(will, packageId)
    await alice.ok('disablePolicy', policy)
    engine.steady.hang()
    await engine.as('bob').ok('approveRequest', { requestId })
    await until('the delivery to be under way', () => engine.steady.waiting() === 1)
    await alice.ok('enablePolicy', policy)
    await alice.ok('disablePolicy', policy)
    engine.steady.release()
    await untilRequest(will, requestId, 'Fulfilled')
    await untilAssignment(will, `${packageId}.will.a1`, 'Delivered')
    expect(engine.steady.held()).toContain('wiki.editor.will')
  })

  it('only who manages the package may', async () => {
    const packageId = await givenPackage(engine)
    const refused = await engine
      .as('nora')
      .refused('disablePolicy', { packageId, policyId: 'standard' })
    expect(refused.status).toBe(403)
    expect(await listed('sam')).toContain(packageId)
  })
})
