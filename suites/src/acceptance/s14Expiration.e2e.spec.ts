import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  approvedBy,
  fresh,
  givenAssignment,
  givenPackage,
  mailsSince,
  request,
  terms,
  typesOf,
  untilAssignment,
  user,
} from './testing/given.ts'
import { type Engine, later, openEngine } from './testing/openEngine.ts'
import { until } from './testing/until.ts'

describe('S14 Expiration', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine()
  })
  afterAll(() => engine.close())

  const detail = (assignmentId: string) => engine.as('alice').ok('getAssignment', { assignmentId })

  it('N days after approval, not after the request; then the access is removed everywhere and the assignment kept as expired', async () => {
    const packageId = await givenPackage(
      engine,
      {
        approval: approvedBy([user('bob')]),
        expiration: { kind: 'afterDays', days: 30 },
      },
      { roles: ['git.member', 'wiki.editor', 'crm.user'] },
    )
    const sam = engine.as('sam')
    const requestId = await request(sam, packageId)
    await engine.advance({ days: 2 })
    await engine.as('bob').ok('approveRequest', { requestId })
    const approvedAt = engine.clock.now()
    const assignmentId = `${packageId}.sam.a1`
    const { endAt } = await untilAssignment(sam, assignmentId, 'Delivered')
    expect(endAt).toBe(later(approvedAt, { days: 30 }))
    const all = ['crm.user.sam', 'git.member.sam', 'wiki.editor.sam']
    const held = () => [...engine.shaky.held(), ...engine.steady.held()]
    await engine.advance({ days: 30, milliseconds: -1 })
    expect(held()).toEqual(all)
    const mark = engine.mails.length
    await engine.advance({ milliseconds: 1 })
    expect(held()).toEqual([])
    const ended = await detail(assignmentId)
    expect([ended.status, ended.endedAt, ended.settled]).toEqual(['Expired', endAt, true])
    expect(typesOf(ended).slice(-2)).toEqual(['AssignmentEnded', 'RolesRevoked'])
    expect(ended.roles.map(({ actual, holderIds }) => [actual, holderIds])).toEqual(
      all.map(() => ['absent', []]),
    )
    expect(mailsSince(engine, mark)).toEqual(['ended sam'])
    const { items } = await sam.ok('listAssignments', { packageId, status: 'Expired' })
    expect(items.map(({ id }) => id)).toEqual([assignmentId])
  })

  it('N hours are exact hours', async () => {
    const packageId = await givenPackage(engine, { expiration: { kind: 'afterHours', hours: 6 } })
    const assignmentId = await givenAssignment(engine, packageId, 'tess')
    expect((await detail(assignmentId)).endAt).toBe(later(engine.clock.now(), { hours: 6 }))
    await engine.advance({ hours: 6, milliseconds: -1 })
    expect((await detail(assignmentId)).status).toBe('Delivered')
    await engine.advance({ milliseconds: 1 })
    expect((await detail(assignmentId)).status).toBe('Expired')
  })

  it("on a date: when that day is over in the policy's zone", async () => {
    const date = later(engine.clock.now(), { days: 10 }).slice(0, 10)
    const nextDay = later(`${date}T12:00:00.000Z`, { days: 1 }).slice(0, 10)
    const ends: (string | null)[] = []
    for (const zone of ['Pacific/Auckland', 'America/Los_Angeles']) {
      const packageId = await givenPackage(engine, { expiration: { kind: 'onDate', date }, zone })
      ends.push((await detail(await givenAssignment(engine, packageId, 'uma'))).endAt)
    }
    // Midnight after that day is 12 or 13 hours before, and 7 or 8 hours after, midnight in UTC.
    expect(ends).toEqual([`${date}T12:00:00.000Z`, `${nextDay}T07:00:00.000Z`])
    await engine.advanceTo(`${date}T12:00:00.000Z`)
    const { items } = await engine.as('uma').ok('listAssignments', {})
    expect(items.map(({ status }) => status).sort()).toEqual(['Delivered', 'Expired'])
  })

  it('never: no end, and still there ten years later', async () => {
    const packageId = await givenPackage(engine)
    const assignmentId = await givenAssignment(engine, packageId, 'vic')
    const before = engine.clock.now()
    await engine.advance({ years: 10 })
    const found = await detail(assignmentId)
    expect([found.status, found.endAt]).toEqual(['Delivered', null])
    expect(engine.steady.held()).toContain('git.member.vic')
    // A clock step back of ten years fires nothing twice and ends nothing.
    const types = typesOf(found)
    await engine.advanceTo(before)
    expect(typesOf(await detail(assignmentId))).toEqual(types)
  })

  it('a date that is over is refused in a policy, and so is a request that comes after it', async () => {
    const today = engine.clock.now().slice(0, 10)
    const yesterday = later(engine.clock.now(), { days: -1 }).slice(0, 10)
    const packageId = await givenPackage(engine, { expiration: { kind: 'onDate', date: today } })
    const over = terms({ expiration: { kind: 'onDate', date: yesterday } })
    expect(
      await engine.as('alice').refused('addPolicy', { packageId, id: fresh('p'), terms: over }),
    ).toMatchObject({ status: 400, code: 'policy.date-passed' })
    await engine.advance({ days: 1 })
    expect(await engine.as('sam').refused('submitRequest', { packageId })).toMatchObject({
      status: 422,
      code: 'request.end-passed',
    })
  })

  it.each([
    ['a leap day', '2028-02-28T10:00:00.000Z', 1, '2028-02-29T10:00:00.000Z'],
    ['a year from a leap day', '2028-02-29T10:00:00.000Z', 366, '2029-03-01T10:00:00.000Z'],
    ['the end of summer time', '2028-10-28T10:00:00.000Z', 1, '2028-10-29T11:00:00.000Z'],
    ['the begin of summer time', '2029-03-24T10:00:00.000Z', 1, '2029-03-25T09:00:00.000Z'],
    ['a time of day that is skipped', '2029-03-24T01:30:00.000Z', 1, '2029-03-25T01:30:00.000Z'],
  ])('days across %s keep the time of day', async (_, from, days, endAt) => {
    await engine.advanceTo(from)
    const packageId = await givenPackage(engine, { expiration: { kind: 'afterDays', days } })
    const assignmentId = await givenAssignment(engine, packageId, 'will')
    expect((await detail(assignmentId)).endAt).toBe(endAt)
    await engine.advanceTo(endAt)
    expect((await detail(assignmentId)).status).toBe('Expired')
  })

  it('while delivery is still retrying: what comes through late is taken back, and nothing stays', async () => {
    engine.shaky.down()
    const packageId = await givenPackage(
      engine,
      { expiration: { kind: 'afterHours', hours: 2 } },
      { roles: ['git.member', 'crm.user'] },
    )
    await request(engine.as('xena'), packageId)
    const assignmentId = `${packageId}.xena.a1`
    await untilAssignment(engine.as('xena'), assignmentId, 'PartiallyDelivered')
    engine.shaky.up()
    engine.shaky.hang()
    await engine.jumpTo(later(engine.clock.now(), { hours: 2 }))
    await engine.sweep()
    await until('the assignment to expire', async () => {
      const { status } = await detail(assignmentId)
      return status === 'Expired'
    })
    engine.shaky.release()
    await engine.advance({ hours: 2 })
    const found = await detail(assignmentId)
    expect([found.status, found.settled]).toEqual(['Expired', true])
    expect([...engine.shaky.held(), ...engine.steady.held()]).not.toContain('crm.user.xena')
    expect(engine.steady.held()).not.toContain('git.member.xena')
  })

  it('a target that is down at the end: visible as open until the access is gone, however often it fails', async () => {
    const packageId = await givenPackage(
      engine,
      { expiration: { kind: 'afterHours', hours: 1 } },
      { roles: ['crm.admin'] },
    )
    const assignmentId = await givenAssignment(engine, packageId, 'yann')
    engine.shaky.refuse()
    for (let hour = 0; hour < 5; hour += 1) await engine.advance({ hours: 1 })
    const open = await detail(assignmentId)
    expect([open.status, open.settled]).toEqual(['Expired', false])
    expect(open.roles[0]).toMatchObject({ actual: 'present', lastError: { code: 'shaky.refused' } })
    expect(engine.shaky.held()).toContain('crm.admin.yann')
    engine.shaky.up()
    await engine.advance({ hours: 2 })
    expect((await detail(assignmentId)).settled).toBe(true)
    expect(engine.shaky.held()).not.toContain('crm.admin.yann')
  })

  it('access of a person who has been disabled meanwhile ends at its time all the same', async () => {
    const packageId = await givenPackage(engine, { expiration: { kind: 'afterDays', days: 5 } })
    const assignmentId = await givenAssignment(engine, packageId, 'zoe')
    await engine.changeOrganisation((organisation) => ({
      ...organisation,
      people: organisation.people.filter(({ id }) => id !== 'zoe'),
      memberships: organisation.memberships.filter(({ personId }) => personId !== 'zoe'),
    }))
    await engine.advance({ days: 5 })
    expect((await detail(assignmentId)).status).toBe('Expired')
    expect(engine.steady.held()).not.toContain('git.member.zoe')
  })
})
