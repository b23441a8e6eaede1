import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  approvedBy,
  givenAssignment,
  givenPackage,
  request,
  terms,
  typesOf,
  untilAssignment,
  user,
} from './testing/given.ts'
import { type Engine, later, openEngine } from './testing/openEngine.ts'

describe('S24 Delete a package', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine()
  })
  afterAll(() => engine.close())

  it('refused while it has active assignments of any kind or pending requests; the refusal counts them', async () => {
    const packageId = await givenPackage(engine, {}, { roles: ['git.member', 'crm.user'] })
    const alice = engine.as('alice')
    await alice.ok('addPolicy', {
      packageId,
      id: 'approved',
      terms: terms({
        requestors: { kind: 'directory', principals: ['nora', 'ben'].map(user) },
        approval: approvedBy([user('bob')]),
      }),
    })
    await givenAssignment(engine, packageId, 'sam')
    await givenAssignment(engine, packageId, 'tess')
    engine.shaky.refuse()
    await request(engine.as('uma'), packageId)
    await untilAssignment(alice, `${packageId}.uma.a1`, 'PartiallyDelivered')
    engine.shaky.up()
    await alice.ok('assignDirectly', {
      packageId,
      subjectId: 'vic',
      policyId: 'standard',
      startAt: later(engine.clock.now(), { days: 3 }),
    })
    for (const id of ['nora', 'ben']) await request(engine.as(id), packageId)
    engine.steady.hang()
    await request(engine.as('will'), packageId)
    const refused = await alice.refused('deleteAccessPackage', { packageId })
    engine.steady.release()
    expect(refused).toMatchObject({
      status: 409,
      code: 'package.in-use',
      data: {
        active: 4,
        delivering: 1,
        delivered: 2,
        partiallyDelivered: 1,
        scheduled: 1,
        pendingRequests: 2,
      },
    })
    expect(refused.detail).toContain(
      "can't be deleted while it has 4 active assignments, 1 scheduled assignment, 2 pending requests",
    )
    expect((await alice.ok('getAccessPackage', { packageId })).deletedAt).toBeNull()
    await engine.quiet()
  })

  it('each kind alone is enough to keep it', async () => {
    const alice = engine.as('alice')
    const scheduled = await givenPackage(engine)
    await alice.ok('assignDirectly', {
      packageId: scheduled,
      subjectId: 'sam',
      policyId: 'standard',
      startAt: later(engine.clock.now(), { days: 3 }),
    })
    const pending = await givenPackage(engine, { approval: approvedBy([user('bob')]) })
    await request(engine.as('sam'), pending)
    const active = await givenPackage(engine)
    await givenAssignment(engine, active, 'sam')
    for (const packageId of [scheduled, pending, active])
      expect((await alice.refused('deleteAccessPackage', { packageId })).code).toBe(
        'package.in-use',
      )
  })

  it('once nobody has it, will have it or waits for it, it goes; its history still answers', async () => {
    const packageId = await givenPackage(engine, { expiration: { kind: 'afterDays', days: 5 } })
    const alice = engine.as('alice')
    const assignmentId = await givenAssignment(engine, packageId, 'xena')
    await engine.advance({ days: 5 })
    await alice.ok('deleteAccessPackage', { packageId })
    const deletedAt = engine.clock.now()
    expect((await alice.ok('getAccessPackage', { packageId })).deletedAt).toBe(deletedAt)
    const ids = ({ items }: { readonly items: readonly { readonly id: string }[] }) =>
      items.map(({ id }) => id)
    expect(ids(await alice.ok('listAccessPackages', { limit: 200 }))).not.toContain(packageId)
    expect(
      ids(await alice.ok('listAccessPackages', { limit: 200, includeDeleted: 'true' })),
    ).toContain(packageId)
    const { items } = await alice.ok('getAccessPackageHistory', { packageId })
    expect(typesOf({ history: items }).toSorted()).toEqual([
      'AccessPackageCreated',
      'AccessPackageDeleted',
      'PolicyAdded',
      'ResourceRoleAdded',
    ])
    const found = await alice.ok('getAssignment', { assignmentId })
    expect(found.status).toBe('Expired')
  })

  it('deleted, it is requestable, assignable and changeable by nobody, and its id is not given again', async () => {
    const packageId = await givenPackage(engine)
    const alice = engine.as('alice')
    await alice.ok('deleteAccessPackage', { packageId })
    expect(
      (await engine.as('sam').ok('listRequestablePackages', { limit: 200 })).items.map(
        ({ id }) => id,
      ),
    ).not.toContain(packageId)
    expect((await engine.as('sam').refused('submitRequest', { packageId })).status).toBe(404)
    expect(
      (
        await alice.refused('assignDirectly', {
          packageId,
          subjectId: 'sam',
          policyId: 'standard',
        })
      ).status,
    ).toBe(404)
    expect((await alice.refused('changeAccessPackage', { packageId, hidden: true })).code).toBe(
      'package.deleted',
    )
    expect(
      await alice.refused('createAccessPackage', { id: packageId, displayName: 'Again' }),
    ).toMatchObject({ status: 409, code: 'package.already-exists' })
  })

  it('only who manages it may', async () => {
    const packageId = await givenPackage(engine)
    for (const id of ['nora', 'sam', 'olga'])
      expect(await engine.as(id).refused('deleteAccessPackage', { packageId })).toMatchObject({
        status: 403,
        code: 'package.forbidden',
      })
  })

  it('a request in the instant of the deletion: either it is refused, or the package stays, or what came in is ended', async () => {
    const packageId = await givenPackage(engine, {}, { roles: ['git.reader'] })
    const [deleted, requested] = await Promise.all([
      engine.as('alice').raw('DELETE', `/v1/access-packages/${packageId}`),
      engine.as('yann').raw('POST', `/v1/access-packages/${packageId}/requests`, {}),
    ])
    expect([200, 409]).toContain(deleted.status)
    await engine.quiet()
    await engine.advance({ hours: 1 })
    const has = engine.steady.held().includes('git.reader.yann')
    expect(has).toBe(deleted.status === 409 && requested.status === 201)
  })
})
