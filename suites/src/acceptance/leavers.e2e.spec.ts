import { DirectoryImportHeld } from '@portcullis/directory'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  approvedBy,
  givenAssignment,
  givenPackage,
  mailsSince,
  request,
  user,
} from './testing/given.ts'
import { type Engine, later, openEngine } from './testing/openEngine.ts'
import { importOrganisation, ORGANISATION, type Organisation } from './testing/organisation.ts'

const enabledIn =
  (enabled: boolean, ...ids: readonly string[]) =>
  (organisation: Organisation): Organisation => ({
    ...organisation,
    people: organisation.people.map((one) => (ids.includes(one.id) ? { ...one, enabled } : one)),
  })

describe('people who left', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine()
  })
  afterAll(() => engine.close())

  const leave = async (...ids: readonly string[]) => {
    await engine.changeOrganisation(enabledIn(false, ...ids))
    await engine.sweep()
    await engine.quiet()
  }
  const comeBack = async (...ids: readonly string[]) => {
    await engine.changeOrganisation(enabledIn(true, ...ids))
    await engine.sweep()
    await engine.quiet()
  }
  const found = async (kind: 'leaver' | 'no-approver') =>
    (await engine.as('alice').ok('listOpenProblems', { kind })).items.flatMap(
      ({ assignmentIds, requestIds }) => [...assignmentIds, ...requestIds],
    )

  it('are listed at once, and lose what they have a day later, which managers are told', async () => {
    const packageId = await givenPackage(engine)
    const assignmentId = await givenAssignment(engine, packageId, 'sam')
    await engine.quiet()
    const mark = engine.mails.length
    await leave('sam')
    expect(await found('leaver')).toEqual([assignmentId])
    expect(mailsSince(engine, mark)).toEqual(['subject-left alice'])
    await engine.advance({ hours: 23 })
    expect(engine.steady.held()).toContain('git.member.sam')
    await engine.advance({ hours: 2 })
    expect(engine.steady.held()).not.toContain('git.member.sam')
    expect(await found('leaver')).toEqual([])
    const { history } = await engine.as('alice').ok('getAssignment', { assignmentId })
    expect(history.find(({ type }) => type === 'AssignmentEnded.v2')?.data).toMatchObject({
      reason: 'subject-left',
    })
    expect(mailsSince(engine, mark)).toEqual(['subject-left alice', 'subject-left alice'])
  })

  it('keep everything when they are back in time; what was to start then starts', async () => {
    const [packageId, other] = [
      await givenPackage(engine),
      await givenPackage(engine, {}, { roles: ['wiki.reader'] }),
    ]
    await givenAssignment(engine, packageId, 'tess')
    await engine.as('alice').ok('assignDirectly', {
      packageId: other,
      subjectId: 'tess',
      policyId: 'standard',
      startAt: later(engine.clock.now(), { hours: 2 }),
    })
    await leave('tess')
    await engine.advance({ hours: 3 })
    expect(engine.steady.held()).not.toContain('wiki.reader.tess')
    await comeBack('tess')
    await engine.advance({ days: 3 })
    expect(engine.steady.held()).toEqual(
      expect.arrayContaining(['git.member.tess', 'wiki.reader.tess']),
    )
  })

  it('leave a request that nobody can decide on: said in the answer, listed and mailed', async () => {
    const packageId = await givenPackage(engine, { approval: approvedBy([user('ben')]) })
    const waits = await request(engine.as('uma'), packageId)
    await engine.quiet()
    const mark = engine.mails.length
    await leave('ben')
    expect(await found('no-approver')).toEqual([waits])
    expect(mailsSince(engine, mark)).toEqual(['no-approver alice'])
    const answer = await engine.as('vic').ok('submitRequest', { packageId })
    expect(answer.warnings).toMatchObject([{ path: 'body', rule: 'request.no-approver' }])
    await engine.quiet()
    expect(mailsSince(engine, mark)).toEqual(['no-approver alice', 'no-approver alice'])
    await comeBack('ben')
    expect(await found('no-approver')).toEqual([])
  })

  it('aren’t made of everybody by a file that was cut off', async () => {
    const cut = {
      ...ORGANISATION,
      people: ORGANISATION.people.slice(0, 1),
      memberships: [],
      resources: [],
    }
    await expect(importOrganisation(engine.runtime, cut, { allowRemovals: false })).rejects.toThrow(
      DirectoryImportHeld,
    )
    expect(await found('leaver')).toEqual([])
  })
})

describe('many people who left', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine({ removalsMost: 1 })
  })
  afterAll(() => engine.close())

  const held = async () =>
    (await engine.as('alice').ok('listOpenProblems', { kind: 'held-back' })).items.map(
      ({ detail }) => detail?.code,
    )
  const gits = () => engine.steady.held().filter((access) => access.startsWith('git.member.'))

  it('keep what they have until a User administrator says otherwise, and nobody else', async () => {
    const packageId = await givenPackage(engine)
    for (const id of ['sam', 'tess', 'uma']) await givenAssignment(engine, packageId, id)
    await engine.changeOrganisation(enabledIn(false, 'sam', 'tess'))
    await engine.advance({ hours: 25 })
    expect(gits()).toHaveLength(3)
    expect(await held()).toEqual(['leavers.held'])
    const refused = await engine.as('olga').refused('releaseLeaverEndings', {})
    expect(refused).toMatchObject({ status: 403, code: 'leavers.forbidden' })
    expect(await held()).toEqual(['leavers.held'])

    const key = { 'idempotency-key': '0c1f6f0e-6a44-4e0b-9d0e-5b6f6f7f9a10' }
    const alice = engine.as('alice')
    const done = await alice.ok('releaseLeaverEndings', {}, key)
    expect(done).toMatchObject({ people: 2, repeated: false })
    // Nobody has to wait for the next sweep.
    await engine.quiet()
    expect(gits()).toEqual(['git.member.uma'])
    expect(await held()).toEqual([])
    expect(await alice.ok('releaseLeaverEndings', {}, key)).toMatchObject({
      people: 2,
      repeated: true,
      position: done.position,
    })
    expect(await alice.ok('releaseLeaverEndings', {})).toMatchObject({ people: 0 })
  })
})
