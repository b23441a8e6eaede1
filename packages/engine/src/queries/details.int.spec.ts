import { exampleTerms } from '@portcullis/domain/testing'
import type { Views } from '@portcullis/views'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPackage, openTerms, roleOf, send, submit, user } from '../testing/send.ts'
import { openTestEngine, START, type TestEngine } from '../testing/testEngine.ts'
import type { AssignmentLine } from './downloads.ts'
import { requestQueries } from './requestQueries.ts'

const admin = user('admin')

describe('details, downloads and the roll-out', () => {
  let engine: TestEngine
  const app = () => engine.application
  beforeAll(async () => {
    engine = await openTestEngine()
    await send(engine, 'olivia', {
      type: 'CreateCatalog',
      catalogId: 'tools',
      displayName: 'Tools',
      description: '',
    })
    await createPackage(engine, 'open', { roles: ['wiki.member'] })
    await createPackage(engine, 'mine', { catalogId: 'tools', terms: exampleTerms() })
    await engine.start()
    await submit(engine, 'open', 'alice')
    await submit(engine, 'open', 'anna')
    await submit(engine, 'mine', 'ben')
    await engine.settle()
  })
  afterAll(() => engine.close())

  it('one assignment: names, the pinned policy, the request, each role with its dates (S19)', async () => {
    const found = await app().assignment(admin, 'open.alice.a1')
    expect(found).toMatchObject({
      status: 'Delivered',
      subject: { id: 'alice', displayName: 'Person alice', email: 'alice@example.com' },
      accessPackage: { id: 'open', displayName: 'Package open' },
      policy: { id: 'standard', version: 1, terms: openTerms() },
      request: { id: 'open.alice.r1', status: 'Fulfilled' },
      roles: [
        {
          id: 'wiki.member.alice',
          resourceName: 'wiki',
          roleName: 'member',
          delivery: { state: 'Delivered', deliveredAt: START, revokedAt: null, failure: null },
        },
      ],
    })
  })

  it('shows how a delivery is known to who manages the package, and to nobody else', async () => {
    const receiptFor = async (who: string) =>
      (await app().assignment(user(who), 'open.alice.a1'))?.roles.map(({ receipt, delivery }) => [
        receipt,
        delivery.receipt,
      ])
    expect(await receiptFor('admin')).toEqual([
      ['read-back', { kind: 'read-back', at: START, account: null }],
    ])
    expect(await receiptFor('alice')).toEqual([[null, null]])
  })

  it('shows the subject the terms without the lists of people and groups, in the history too', async () => {
    const whole = await app().request(admin, 'mine.ben.r1')
    const own = await app().request(user('ben'), 'mine.ben.r1')
    expect(whole?.policy?.terms).toEqual(exampleTerms())
    expect(own?.policy?.terms).toMatchObject({
      requestors: { kind: 'directory' },
      approval: { required: true, stages: [{ timeoutDays: 14 }] },
    })
    for (const shown of [own?.policy, own?.history]) {
      expect(JSON.stringify(shown)).not.toContain('principals')
      expect(JSON.stringify(shown)).not.toContain('approvers"')
    }
    expect(JSON.stringify(whole?.history)).toContain('principals')
  })

  it('filters by what the document calls active and partially fulfilled, by policy and catalog', async () => {
    const ids = async (filters: object, by = admin) =>
      (await app().assignments(by, { limit: 50, ...filters })).items.map(({ id }) => id)
    const both = ['open.anna.a1', 'open.alice.a1']
    expect(await ids({ status: ['Active'] })).toEqual(both)
    expect(await ids({ status: ['Active', 'Delivered'], policyId: 'standard' })).toEqual(both)
    expect(await ids({ status: ['PartiallyFulfilled'] })).toEqual([])
    expect(await ids({ policyId: 'other' })).toEqual([])
    expect(await ids({ catalogId: 'tools' })).toEqual([])
    expect(await ids({ catalogId: 'default' })).toEqual(both)
    const requests = async (filters: object, by = admin) =>
      (await app().requests(by, { limit: 50, ...filters })).items.map(({ id }) => id)
    expect(await requests({ catalogId: 'tools' })).toEqual(['mine.ben.r1'])
    expect(await requests({ kind: ['new'], requestorId: 'anna' })).toEqual(['open.anna.r1'])
    expect(await requests({ submittedFrom: '2026-06-02T00:00:00.000Z' })).toEqual([])
    expect(await requests({ submittedTo: '2026-06-02T00:00:00.000Z' })).toHaveLength(3)
    expect(await requests({ subStatus: ['TimedOut'] })).toEqual([])
    // An owner sees those of all their catalogs, and nobody else's.
    expect(await requests({}, user('olivia'))).toEqual(['mine.ben.r1'])
    expect(await requests({ packageId: 'open' }, user('olivia'))).toEqual([])
    expect(await requests({ packageId: 'mine', catalogId: 'default' })).toEqual([])
  })

  it('downloads the list that the caller may see, with names', async () => {
    const lines = async (by = admin): Promise<readonly AssignmentLine[]> => {
      const all: AssignmentLine[] = []
      for await (const page of app().assignmentLines(by, { packageId: 'open' })) all.push(...page)
      return all
    }
    expect(await lines()).toMatchObject([
      {
        id: 'open.anna.a1',
        subjectName: 'Person anna',
        subjectEmail: 'anna@example.com',
        packageName: 'Package open',
        policyName: openTerms().displayName,
        roleIds: ['wiki.member'],
        roleNames: ['wiki: member'],
        missingRoles: [],
      },
      { id: 'open.alice.a1' },
    ])
    expect((await lines(user('alice'))).map(({ id }) => id)).toEqual(['open.alice.a1'])
    expect(await lines(user('stranger'))).toEqual([])
  })

  it('shows how far a new role, and one that went, have got (S5, S6)', async () => {
    const rollOut = () => app().rollOut(admin, 'open')
    expect(await rollOut()).toEqual({
      packageId: 'open',
      rolesVersion: 1,
      toVersion: 1,
      state: 'none',
      since: null,
      changes: [],
      waiting: [],
      changedAt: START,
      total: 2,
      upToDate: 2,
      failed: 0,
      left: 0,
      perSecond: null,
      secondsLeft: null,
      doneAt: START,
    })
    expect(await app().rollOut(user('alice'), 'open')).toBeUndefined()
    await send(engine, 'admin', { type: 'AddResource', catalogId: 'default', resourceId: 'crm' })
    engine.clock.set('2026-06-01T09:00:00.000Z')
    await send(engine, 'admin', {
      type: 'AddResourceRole',
      packageId: 'open',
      ...roleOf('crm.member'),
    })
    await engine.caughtUp()
    expect(await rollOut()).toMatchObject({
      rolesVersion: 2,
      toVersion: 2,
      state: 'queued',
      changes: [{ ...roleOf('crm.member'), change: 'added' }],
      changedAt: '2026-06-01T09:00:00.000Z',
      upToDate: 0,
      left: 2,
      doneAt: null,
    })
    engine.other.down()
    await engine.settle()
    expect(await rollOut()).toMatchObject({
      state: 'running',
      upToDate: 0,
      failed: 2,
      left: 0,
      doneAt: null,
    })
    engine.other.up()
    await engine.settleUntil('2026-06-01T10:00:00.000Z')
    const done = await rollOut()
    expect(done).toMatchObject({ state: 'done', upToDate: 2, failed: 0, left: 0 })
    expect(done?.since).toBe(done?.doneAt)
    expect((done?.doneAt ?? '') > '2026-06-01T09:00:00.000Z').toBe(true)
    engine.main.down()
    await send(engine, 'admin', {
      type: 'RemoveResourceRole',
      packageId: 'open',
      ...roleOf('wiki.member'),
    })
    await engine.settle()
    // Everything that should be there is; what should be gone isn't yet.
    expect(await rollOut()).toMatchObject({ rolesVersion: 3, upToDate: 0, failed: 2, doneAt: null })
    engine.main.up()
    await engine.settleUntil('2026-06-01T12:00:00.000Z')
    expect(await rollOut()).toMatchObject({ upToDate: 2, failed: 0, left: 0 })
    expect(engine.main.held()).toEqual([])
  })

  it('one request: never a state without the history that it comes from', async () => {
    const { views } = engine
    await createPackage(engine, 'late', { roles: ['wiki.member'] })
    // The request is delivered between the question and the look at the view.
    const late: Views = {
      ...views,
      request: async (id) => {
        await submit(engine, 'late', 'emil')
        await engine.settle()
        return views.request(id)
      },
    }
    const queries = requestQueries({ ...engine, directory: engine.parts.directory, views: late })
    const found = await queries.request(admin, 'late.emil.r1')
    expect(found?.status).toBe('Fulfilled')
    expect(found?.history.at(-1)?.type).toBe('RolesDelivered.v1')
  })
})
