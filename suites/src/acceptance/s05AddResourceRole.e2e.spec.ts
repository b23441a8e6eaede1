import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  givenAssignment,
  givenPackage,
  request,
  role,
  typesOf,
  untilAssignment,
} from './testing/given.ts'
import { type Engine, openEngine } from './testing/openEngine.ts'
import { until } from './testing/until.ts'

describe('S5 Add a resource role', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine()
  })
  afterAll(() => engine.close())

  const STAFF = ['sam', 'tess', 'uma', 'vic', 'will', 'xena', 'yann', 'zoe']

  it('everybody with an assignment gets it automatically, without a new request; nobody else does', async () => {
    const packageId = await givenPackage(engine, { expiration: { kind: 'afterDays', days: 9 } })
    const alice = engine.as('alice')
    const ended = await givenAssignment(engine, packageId, 'zoe')
    await alice.ok('removeAssignment', { assignmentId: ended })
    await alice.ok('assignDirectly', {
      packageId,
      subjectId: 'yann',
      policyId: 'standard',
      startAt: '2027-01-01T00:00:00Z',
      endAt: '2027-02-01T00:00:00Z',
    })
    const active = STAFF.slice(0, 6)
    for (const id of active) await givenAssignment(engine, packageId, id)
    const before = (await alice.ok('listRequests', { packageId })).items.length
    await alice.ok('addResourceRole', { packageId, ...role('wiki.reader') })
    await engine.quiet()
    expect(engine.steady.held().filter((line) => line.startsWith('wiki.reader.'))).toEqual(
      active.map((id) => `wiki.reader.${id}`),
    )
    expect((await alice.ok('listRequests', { packageId })).items).toHaveLength(before)
    const found = await alice.ok('getAssignment', { assignmentId: `${packageId}.sam.a1` })
    expect([found.status, found.rolesVersion]).toEqual(['Delivered', 2])
    expect(found.roles.map(({ id, actual }) => [id, actual])).toEqual([
      ['git.member.sam', 'present'],
      ['wiki.reader.sam', 'present'],
    ])
    // The one who comes later gets both at once, a scheduled one at its start.
    await engine.advanceTo('2027-01-01T00:00:00.000Z')
    expect(engine.steady.held()).toContain('wiki.reader.yann')
  })

  it('the roll-out can be held back, watched, paused and called off; somebody new gets the package as it is', async () => {
    const packageId = await givenPackage(engine)
    const alice = engine.as('alice')
    for (const id of ['sam', 'tess']) await givenAssignment(engine, packageId, id)
    const wiki = { packageId, ...role('wiki.reader') }
    const state = async () => (await alice.ok('getRollOut', { packageId })).state
    const holders = () =>
      engine.steady.held().filter((line) => /^wiki.reader.(sam|tess|uma)$/.test(line))
    const before = holders()
    expect(await alice.ok('addResourceRole', { ...wiki, rollOut: 'held' })).toMatchObject({
      rollOut: 'held',
    })
    await engine.quiet()
    expect([await state(), holders()]).toEqual(['held', before])
    expect(await alice.ok('cancelRollOut', { packageId })).toMatchObject({ rollOut: 'cancelled' })
    expect((await alice.ok('getAccessPackage', { packageId })).resourceRoles).toEqual([
      role('git.member'),
    ])
    await alice.ok('addResourceRole', { ...wiki, rollOut: 'held' })
    await givenAssignment(engine, packageId, 'uma')
    expect(holders()).toContain('wiki.reader.uma')
    await alice.ok('releaseRollOut', { packageId })
    await engine.quiet()
    expect(holders()).toEqual(['wiki.reader.sam', 'wiki.reader.tess', 'wiki.reader.uma'])
    expect(await alice.ok('getRollOut', { packageId })).toMatchObject({
      state: 'done',
      changes: [{ ...role('wiki.reader'), change: 'added' }],
      total: 3,
      upToDate: 3,
      left: 0,
    })
    expect(await alice.refused('cancelRollOut', { packageId })).toMatchObject({
      status: 409,
      code: 'roll-out.started',
    })
  })

  it('a package with no resource roles is delivered as it is, and confers what is added later', async () => {
    const packageId = await givenPackage(engine, {}, { roles: [] })
    const assignmentId = await givenAssignment(engine, packageId, 'sam')
    const alice = engine.as('alice')
    expect((await alice.ok('getAssignment', { assignmentId })).roles).toEqual([])
    await alice.ok('addResourceRole', { packageId, ...role('wiki.editor') })
    await until('the role to come', () => engine.steady.held().includes('wiki.editor.sam'))
  })

  it('added in the instant that an assignment is delivered: it comes as well', async () => {
    const packageId = await givenPackage(engine, {}, { roles: ['git.admin'] })
    engine.steady.hang()
    await request(engine.as('tess'), packageId)
    await until('the delivery to be under way', () => engine.steady.waiting() === 1)
    await engine.as('alice').ok('addResourceRole', { packageId, ...role('wiki.editor') })
    engine.steady.release()
    await engine.quiet()
    expect(engine.steady.held()).toEqual(
      expect.arrayContaining(['git.admin.tess', 'wiki.editor.tess']),
    )
    const found = await untilAssignment(engine.as('tess'), `${packageId}.tess.a1`, 'Delivered')
    expect(found.rolesVersion).toBe(2)
  })

  it('added between request, approval and delivery: what the package has at the delivery is conferred', async () => {
    const packageId = await givenPackage(
      engine,
      {
        approval: {
          required: true,
          stages: [
            {
              approvers: [{ kind: 'user', id: 'bob' }],
              timeoutDays: 5,
              approverJustification: false,
            },
          ],
        },
      },
      { roles: ['git.reader'] },
    )
    const alice = engine.as('alice')
    const requestId = await request(engine.as('uma'), packageId)
    await alice.ok('addResourceRole', { packageId, ...role('wiki.editor') })
    await alice.ok('removeResourceRole', { packageId, ...role('git.reader') })
    await engine.as('bob').ok('approveRequest', { requestId })
    const found = await untilAssignment(engine.as('uma'), `${packageId}.uma.a1`, 'Delivered')
    expect(found.roles.map(({ id }) => id)).toEqual(['wiki.editor.uma'])
    expect(engine.steady.held()).not.toContain('git.reader.uma')
  })

  it('one that can not be delivered to somebody is an error of theirs, and takes nothing from the rest', async () => {
    const packageId = await givenPackage(engine)
    for (const id of ['vic', 'will']) await givenAssignment(engine, packageId, id)
    engine.shaky.refuse()
    await engine.as('alice').ok('addResourceRole', { packageId, ...role('crm.user') })
    const partly = await untilAssignment(
      engine.as('vic'),
      `${packageId}.vic.a1`,
      'PartiallyDelivered',
    )
    expect(typesOf(partly).at(-1)).toBe('DeliveryFailed')
    engine.shaky.up()
    expect(engine.steady.held()).toContain('git.member.vic')
  })

  it('the progress of the fan-out can be watched: how many have it, how many fail, how many are left', async () => {
    const packageId = await givenPackage(engine, {}, { roles: ['git.reader'] })
    const alice = engine.as('alice')
    for (const id of STAFF) await givenAssignment(engine, packageId, id)
    await engine.quiet()
    const progress = async () => {
      const { total, upToDate, failed, left, doneAt } = await alice.ok('getRollOut', { packageId })
      return { total, upToDate, failed, left, done: doneAt !== null }
    }
    expect(await progress()).toEqual({ total: 8, upToDate: 8, failed: 0, left: 0, done: true })
    engine.shaky.hang()
    await alice.ok('addResourceRole', { packageId, ...role('crm.admin') })
    await until('the first to be under way', () => engine.shaky.waiting() > 0)
    expect(await progress()).toEqual({ total: 8, upToDate: 0, failed: 0, left: 8, done: false })
    engine.shaky.refuse()
    engine.shaky.release()
    await engine.quiet()
    expect(await progress()).toEqual({ total: 8, upToDate: 0, failed: 8, left: 0, done: false })
    engine.shaky.up()
    for (const id of STAFF)
      await alice.ok('reprocessAssignment', { assignmentId: `${packageId}.${id}.a1` })
    await engine.quiet()
    expect(await progress()).toEqual({ total: 8, upToDate: 8, failed: 0, left: 0, done: true })
  })
})
