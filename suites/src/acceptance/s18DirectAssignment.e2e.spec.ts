import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  fresh,
  givenCatalog,
  givenPackage,
  group,
  role,
  terms,
  typesOf,
  untilAssignment,
} from './testing/given.ts'
import { type Engine, later, openEngine } from './testing/openEngine.ts'

describe('S18 Direct assignment', () => {
  let engine: Engine
  let packageId: string
  beforeAll(async () => {
    engine = await openEngine()
    packageId = await directPackage('default')
  })
  afterAll(() => engine.close())

  /** Policies `direct` (no one may request, 30 days), `staff` and `off` (disabled). */
  const directPackage = async (catalogId: string): Promise<string> => {
    const id = fresh('package')
    await engine.as('alice').ok('createAccessPackage', {
      id,
      catalogId,
      displayName: 'Given by administrators',
      resourceRoles: [role(catalogId === 'default' ? 'git.member' : 'chat.member')],
      policies: [
        {
          id: 'direct',
          terms: terms({
            requestors: { kind: 'none' },
            expiration: { kind: 'afterDays', days: 30 },
          }),
        },
        {
          id: 'leads',
          terms: terms({ requestors: { kind: 'directory', principals: [group('leads')] } }),
        },
        { id: 'off', enabled: false, terms: terms() },
      ],
    })
    return id
  }

  it('by User administrator, Catalog owner and Access package manager; by nobody else', async () => {
    const catalogId = await givenCatalog(engine)
    const inCatalog = await directPackage(catalogId)
    for (const [actor, subjectId] of [
      ['alice', 'sam'],
      ['olga', 'tess'],
      ['mia', 'uma'],
    ] as const) {
      const { assignmentId } = await engine
        .as(actor)
        .ok('assignDirectly', { packageId: inCatalog, subjectId, policyId: 'direct' })
      const found = await untilAssignment(engine.as(actor), assignmentId ?? '', 'Delivered')
      expect(found.history[0]?.data).toMatchObject({ kind: 'direct', requestorId: actor })
    }
    const given = { packageId: inCatalog, subjectId: 'vic', policyId: 'direct' }
    for (const id of ['nora', 'carl', 'vic']) {
      const refused = await engine.as(id).refused('assignDirectly', given)
      expect([refused.status, refused.code]).toEqual([403, 'assignment.forbidden'])
      expect(refused.detail).toMatch(
        /Catalog owner .* or User administrator|User administrator, or Catalog owner/,
      )
    }
    expect(engine.steady.held()).toEqual(['chat.member.sam', 'chat.member.tess', 'chat.member.uma'])
  })

  it('without dates: from now on, until the end that the chosen policy gives, counted from the start', async () => {
    const { assignmentId = '' } = await engine
      .as('alice')
      .ok('assignDirectly', { packageId, subjectId: 'sam', policyId: 'direct' })
    const found = await untilAssignment(engine.as('sam'), assignmentId ?? '', 'Delivered')
    const now = engine.clock.now()
    expect([found.policyId, found.policyVersion]).toEqual(['direct', 1])
    expect([found.startAt, found.endAt]).toEqual([now, later(now, { days: 30 })])
  })

  it('a justification is optional, and kept', async () => {
    const justification = 'Stands in for a colleague'
    const { requestId = '' } = await engine
      .as('alice')
      .ok('assignDirectly', { packageId, subjectId: 'tess', policyId: 'direct', justification })
    const found = await engine.as('alice').ok('getRequest', { requestId })
    expect([found.kind, found.justification, found.requestorId]).toEqual([
      'direct',
      justification,
      'alice',
    ])
    expect(typesOf(found).slice(0, 3)).toEqual([
      'RequestSubmitted',
      'RequestAutoApproved',
      'AssignmentStarted',
    ])
  })

  it("with an end: that end, whatever the policy's expiration says", async () => {
    const now = engine.clock.now()
    for (const [subjectId, endAt] of [
      ['uma', later(now, { days: 3 })],
      ['vic', later(now, { days: 300 })],
    ] as const) {
      const answer = await engine
        .as('alice')
        .ok('assignDirectly', { packageId, subjectId, policyId: 'direct', endAt })
      expect(answer.endAt).toBe(endAt)
    }
    await engine.advance({ days: 3 })
    const { status } = await engine
      .as('alice')
      .ok('getAssignment', { assignmentId: `${packageId}.uma.a1` })
    expect(status).toBe('Expired')
  })

  it('a start in the future is a scheduled assignment: nothing is given before it', async () => {
    const startAt = later(engine.clock.now(), { days: 7 })
    const { assignmentId = '', requestId = '' } = await engine
      .as('alice')
      .ok('assignDirectly', { packageId, subjectId: 'will', policyId: 'direct', startAt })
    const will = engine.as('will')
    const detail = () => will.ok('getAssignment', { assignmentId: assignmentId ?? '' })
    await engine.advanceTo(later(startAt, { milliseconds: -1 }))
    const before = await detail()
    expect([before.status, before.startAt, before.endAt]).toEqual([
      'Scheduled',
      startAt,
      later(startAt, { days: 30 }),
    ])
    expect((await will.ok('getRequest', { requestId })).status).toBe('Scheduled')
    expect(engine.steady.held()).not.toContain('git.member.will')
    await engine.advanceTo(startAt)
    expect((await detail()).status).toBe('Delivered')
    expect(engine.steady.held()).toContain('git.member.will')
    await engine.advance({ days: 30 })
    expect((await detail()).status).toBe('Expired')
  })

  it('times with any offset are the same instants', async () => {
    const answer = await engine.as('alice').ok('assignDirectly', {
      packageId,
      subjectId: 'xena',
      policyId: 'direct',
      startAt: '2027-03-01T08:00:00+02:00',
      endAt: '2027-03-31T18:00:00-05:30',
    })
    const { startAt, endAt } = await engine
      .as('alice')
      .ok('getAssignment', { assignmentId: answer.assignmentId ?? '' })
    expect([startAt, endAt]).toEqual(['2027-03-01T06:00:00.000Z', '2027-03-31T23:30:00.000Z'])
  })

  it('a start or an end in the past, and an end that is not after the start, are refused', async () => {
    const now = engine.clock.now()
    const at = (days: number): string => later(now, { days })
    for (const [dates, code] of [
      [{ startAt: at(-1) }, 'assignment.start-in-past'],
      [{ endAt: at(-1) }, 'assignment.end-in-past'],
      [{ endAt: now }, 'assignment.end-in-past'],
      [{ startAt: at(2), endAt: at(1) }, 'assignment.end-before-start'],
      [{ startAt: at(2), endAt: at(2) }, 'assignment.end-before-start'],
      [{ startAt: '2027-02-29T08:00:00Z' }, 'input.invalid'],
      [{ endAt: 'tomorrow' }, 'input.invalid'],
    ] as const) {
      const refused = await engine
        .as('alice')
        .refused('assignDirectly', { packageId, subjectId: 'yann', policyId: 'direct', ...dates })
      expect([refused.status, refused.code]).toEqual([400, code])
    }
    const { items } = await engine.as('alice').ok('listAssignments', { subjectId: 'yann' })
    expect(items).toEqual([])
  })

  it('under any policy of the package, also a disabled one; not under one that is for others, nor one that there is not', async () => {
    const alice = engine.as('alice')
    const give = { packageId, subjectId: 'yann' }
    expect(await alice.refused('assignDirectly', { ...give, policyId: 'leads' })).toMatchObject({
      status: 422,
      code: 'assignment.policy-not-applicable',
    })
    expect(await alice.refused('assignDirectly', { ...give, policyId: 'ghost' })).toMatchObject({
      status: 404,
      code: 'assignment.policy-not-found',
    })
    await alice.ok('assignDirectly', { ...give, policyId: 'off' })
    expect(await alice.refused('assignDirectly', { ...give, policyId: 'direct' })).toMatchObject({
      status: 409,
      code: 'request.already-assigned',
    })
  })

  it('not to somebody who is disabled or whom the directory does not know', async () => {
    const alice = engine.as('alice')
    const give = (subjectId: string) =>
      alice.refused('assignDirectly', { packageId, subjectId, policyId: 'direct' })
    expect(await give('dan')).toMatchObject({ status: 422, code: 'subject.disabled' })
    expect(await give('ghost')).toMatchObject({ status: 404, code: 'subject.not-found' })
  })

  it('a package without policies assigns nobody', async () => {
    const id = fresh('package')
    await engine.as('alice').ok('createAccessPackage', { id, displayName: 'Bare' })
    expect(
      await engine
        .as('alice')
        .refused('assignDirectly', { packageId: id, subjectId: 'zoe', policyId: 'direct' }),
    ).toMatchObject({ status: 404, code: 'assignment.policy-not-found' })
  })

  it('who leaves before a scheduled start is over with the end; a start after the end is never made up', async () => {
    const now = engine.clock.now()
    const id = await givenPackage(engine)
    const { assignmentId = '' } = await engine.as('alice').ok('assignDirectly', {
      packageId: id,
      subjectId: 'zoe',
      policyId: 'standard',
      startAt: later(now, { days: 1 }),
      endAt: later(now, { days: 2 }),
    })
    await engine.stopWorker()
    await engine.jumpTo(later(now, { days: 3 }))
    await engine.startWorker()
    await engine.quiet()
    const found = await engine.as('zoe').ok('getAssignment', { assignmentId: assignmentId ?? '' })
    expect(found.status).toBe('Expired')
    expect(typesOf(found)).not.toContain('AssignmentStarted')
    expect(engine.steady.calls).not.toContain('grant git.member.zoe')
  })

  it('many at once, with a result for each: partial acceptance is reported, none is lost', async () => {
    const id = await directPackage('default')
    const alice = engine.as('alice')
    const subjectIds = ['sam', 'ghost', 'tess', 'dan', 'uma']
    const startAt = later(engine.clock.now(), { hours: 1 })
    const answer = await alice.ok('assignMany', {
      packageId: id,
      subjectIds,
      policyId: 'direct',
      startAt,
      justification: 'New team',
    })
    expect([answer.accepted, answer.refused]).toEqual([3, 2])
    expect(
      answer.results.map((result) => [result.subjectId, result.ok ? result.status : result.code]),
    ).toEqual([
      ['sam', 'Scheduled'],
      ['ghost', 'subject.not-found'],
      ['tess', 'Scheduled'],
      ['dan', 'subject.disabled'],
      ['uma', 'Scheduled'],
    ])
    await engine.advanceTo(startAt)
    const { items } = await alice.ok('listAssignments', { packageId: id, status: 'Delivered' })
    expect(items.map(({ subjectId }) => subjectId).sort()).toEqual(['sam', 'tess', 'uma'])
    const found = await alice.ok('getRequest', { requestId: `${id}.tess.r1` })
    expect([found.kind, found.justification]).toEqual(['direct', 'New team'])
  })

  it('many at once, sent again under the same id: it goes on where it stopped, and nobody is assigned twice', async () => {
    const id = await directPackage('default')
    const alice = engine.as('alice')
    const body = { packageId: id, subjectIds: ['sam', 'tess', 'uma', 'vic'], policyId: 'direct' }
    const key = { 'idempotency-key': crypto.randomUUID() }
    const [first, second] = await Promise.all([
      alice.ok('assignMany', body, key),
      alice.ok('assignMany', body, key),
    ])
    const again = await alice.ok('assignMany', body, key)
    expect([first.accepted, second.accepted, again.accepted, again.repeated]).toEqual([4, 4, 4, 4])
    const idsOf = ({ results }: typeof first) =>
      results.map((result) => (result.ok ? result.assignmentId : result.code))
    expect(idsOf(second)).toEqual(idsOf(first))
    expect(idsOf(again)).toEqual(idsOf(first))
    const { items } = await alice.ok('listRequests', { packageId: id })
    expect(items).toHaveLength(4)
  })

  it('many at once, by somebody who may not, or in the past: refused as a whole', async () => {
    const many = { packageId, subjectIds: ['sam', 'tess'], policyId: 'direct' }
    expect((await engine.as('nora').refused('assignMany', many)).status).toBe(403)
    const past = { ...many, endAt: later(engine.clock.now(), { days: -1 }) }
    expect((await engine.as('alice').refused('assignMany', past)).code).toBe(
      'assignment.end-in-past',
    )
  })
})
