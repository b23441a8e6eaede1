import { exampleTerms } from '@portcullis/domain/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { importOrganisation, ORGANISATION } from '../testing/organisation.ts'
import { createPackage, openTerms, refusalOf, send, submit } from '../testing/send.ts'
import { openTestEngine, type TestEngine } from '../testing/testEngine.ts'
import { createSweep } from '../work/sweep.ts'
import { createPeopleCare } from './lookAfterPeople.ts'

const never = new AbortController().signal
const DAY = '2026-06-02T08:00:00.000Z'
const BEFORE = '2026-06-02T07:59:59.000Z'
const ADMIN = { actor: { kind: 'user', id: 'admin' }, directoryRoles: [] } as const

let engine: TestEngine
beforeEach(async () => {
  engine = await openTestEngine()
  await engine.start()
})
afterEach(() => engine.close())

const withDisabled = (...ids: readonly string[]) =>
  ORGANISATION.people.map((one) => (ids.includes(one.id) ? { ...one, enabled: false } : one))
const people = (list: readonly object[]) =>
  importOrganisation(engine.pool, { people: list }, { now: engine.clock.now() })
const leave = (...ids: readonly string[]) => people(withDisabled(...ids))
const back = () => people(ORGANISATION.people)
const sweep = async () => {
  await engine.caughtUp()
  await createSweep(engine.parts)(never)
  await engine.settle()
}
const at = async (instant: string) => {
  engine.clock.set(instant)
  await sweep()
}
const types = (stream: string) => engine.typesOf(`entitlement-${stream}`)
const problems = async () =>
  (await engine.application.problems(ADMIN, { limit: 100 })).items
    // Imports are noted at the time of this machine, which is ahead of the test's.
    .filter(({ kind }) => kind !== 'schedule-ahead')
    .map(
      ({ kind, assignmentIds, requestIds, detail }) =>
        `${kind} ${[...assignmentIds, ...requestIds].join()} ${detail?.code ?? ''}`,
    )
const mailsOf = (kind: string) =>
  engine.mails.flatMap((mail) => (mail.kind === kind ? [mail.to.address] : []))

describe('somebody who left', () => {
  const given = async (id = 'alice') => {
    await submit(engine, 'p', id)
    await engine.settle()
  }
  beforeEach(() => createPackage(engine, 'p', { terms: openTerms() }))

  it.each([
    ['disabled', withDisabled('alice')],
    ['gone from the file', ORGANISATION.people.filter(({ id }) => id !== 'alice')],
  ])(
    'and is %s: is listed at once, and loses what they have when the grace is over',
    async (_how, list) => {
      await given()
      await people(list)
      await sweep()
      expect(await problems()).toEqual(['leaver p.alice.a1 leaver.has-access'])
      expect(mailsOf('subject-left')).toEqual(['admin@example.com'])
      expect(engine.main.held()).toEqual(['wiki.member.alice'])
      await at(BEFORE)
      expect(engine.main.held()).toEqual(['wiki.member.alice'])
      await at(DAY)
      expect(engine.main.held()).toEqual([])
      expect(await problems()).toEqual([])
      const end = (await engine.events('entitlement-p.alice')).find(
        ({ type }) => type === 'AssignmentEnded.v2',
      )
      expect(end?.data).toMatchObject({ reason: 'subject-left', by: 'system' })
      expect(mailsOf('subject-left')).toEqual(['admin@example.com', 'admin@example.com'])
      await back()
      await at('2026-06-05T08:00:00.000Z')
      expect(engine.main.held()).toEqual([])
    },
  )

  it('and is back within the grace keeps everything', async () => {
    await given()
    await leave('alice')
    await sweep()
    engine.clock.set(BEFORE)
    await back()
    await at('2026-06-10T08:00:00.000Z')
    expect(engine.main.held()).toEqual(['wiki.member.alice'])
    expect(await problems()).toEqual([])
    expect((await types('p.alice')).slice(-2)).toEqual(['SubjectLeft.v1', 'SubjectReturned.v1'])
    // The grace begins anew.
    await leave('alice')
    await at('2026-06-11T07:59:59.000Z')
    expect(engine.main.held()).toEqual(['wiki.member.alice'])
    await at('2026-06-11T08:00:00.000Z')
    expect(engine.main.held()).toEqual([])
  })

  it('gets no role that comes to the package, and gets it when they are back', async () => {
    await given()
    await createPackage(engine, 'brings-repo-into-the-catalog', { roles: ['repo.member'] })
    await leave('alice')
    await send(engine, 'admin', {
      type: 'AddResourceRole',
      packageId: 'p',
      resourceId: 'repo',
      roleId: 'member',
    })
    await engine.settle()
    await sweep()
    expect(engine.main.held()).toEqual(['wiki.member.alice'])
    expect(await types('p.alice')).toContain('RolesWithheld.v1')
    await back()
    await sweep()
    expect(engine.main.held()).toEqual(['repo.member.alice', 'wiki.member.alice'])
  })

  it('has nothing set right that was taken from them by hand, until they are back', async () => {
    await given()
    await leave('alice')
    await engine.main.byHand('revoke', 'wiki.member.alice')
    await send(engine, 'admin', {
      type: 'ReprocessAssignment',
      assignmentId: 'p.alice.a1',
    })
    await engine.settle()
    await sweep()
    expect(engine.main.held()).toEqual([])
  })

  it('has nothing started, and has it started when they are back', async () => {
    const startAt = '2026-06-01T12:00:00.000Z'
    await send(engine, 'admin', {
      type: 'AssignDirectly',
      packageId: 'p',
      subjectId: 'alice',
      policyId: 'standard',
      startAt,
      endAt: null,
      justification: null,
    })
    await engine.settle()
    await leave('alice')
    await at(startAt)
    expect(engine.main.held()).toEqual([])
    expect((await types('p.alice')).slice(2)).toEqual([
      'AssignmentScheduled.v1',
      'SubjectLeft.v1',
      'StartWithheld.v1',
    ])
    engine.clock.set('2026-06-01T13:00:00.000Z')
    await back()
    await sweep()
    expect(engine.main.held()).toEqual(['wiki.member.alice'])
  })

  it('has nothing started, and what wasn’t started ends in time, without being asked for again and again', async () => {
    const [startAt, endAt] = ['2026-06-01T12:00:00.000Z', '2026-06-01T18:00:00.000Z']
    await send(engine, 'admin', {
      type: 'AssignDirectly',
      packageId: 'p',
      subjectId: 'alice',
      policyId: 'standard',
      startAt,
      endAt,
      justification: null,
    })
    await engine.settle()
    const deadlines = async () => {
      const { rows } = await engine.pool.query<{ key: string; due_at: string }>(
        'select key, due_at from portcullis_views.deadlines order by key',
      )
      return rows.map(({ key, due_at }) => `${key} ${due_at}`)
    }
    await leave('alice')
    await at(startAt)
    expect(await deadlines()).toEqual([`expiry:p.alice.a1:1 ${endAt}`])
    await at(endAt)
    expect(await deadlines()).toEqual([])
    expect((await types('p.alice')).slice(4)).toEqual([
      'StartWithheld.v1',
      'AssignmentEnded.v2',
      'RolesRevoked.v1',
    ])
  })

  it('has nothing delivered that was still being tried, and has it when they are back', async () => {
    engine.main.down()
    await given()
    await leave('alice')
    engine.main.up()
    await at('2026-06-01T10:00:00.000Z')
    expect(engine.main.held()).toEqual([])
    await back()
    await at('2026-06-01T11:00:00.000Z')
    expect(engine.main.held()).toEqual(['wiki.member.alice'])
  })

  it('doesn’t lose it with many others, unless somebody says so', async () => {
    await given()
    await given('anna')
    await leave('alice', 'anna')
    const limits = { most: 1, share: 0.05, withinMillis: 86_400_000 }
    const care = createPeopleCare({
      ...engine,
      ...engine.parts,
      leavers: { endAfterMillis: 86_400_000, limits },
    })
    const sweepHeld = async () => {
      await engine.caughtUp()
      await createSweep({ ...engine.parts, lookAfterPeople: care })(never)
      await engine.caughtUp()
    }
    await sweepHeld()
    engine.clock.set(DAY)
    await sweepHeld()
    expect(await problems()).toEqual([
      'leaver p.alice.a1 leaver.has-access',
      'leaver p.anna.a1 leaver.has-access',
      'held-back  leavers.held',
    ])
    const release = { type: 'ReleaseLeaverEndings' } as const
    expect(await refusalOf(engine, 'manny', release)).toBe('leavers.forbidden')
    const id = '2f1e7a52-5b0e-4b9e-8d0c-6a5f0f3d9c11'
    const released = await send(engine, 'admin', release, id)
    expect(released).toMatchObject({ repeated: false, result: { people: 2 } })
    expect(await send(engine, 'admin', release, id)).toMatchObject({
      repeated: true,
      position: released.position,
      result: { people: 2 },
    })
    await sweepHeld()
    await engine.settle()
    expect(await problems()).toEqual([])
    expect(engine.main.held()).toEqual([])
    expect(await send(engine, 'admin', release)).toMatchObject({ result: { people: 0 } })
    expect(await engine.typesOf('directory-leavers')).toHaveLength(1)
    expect((await engine.events('directory-leavers'))[0]).toMatchObject({
      type: 'LeaverEndingsReleased.v1',
      metadata: { actor: ADMIN.actor },
      data: { people: 2 },
    })
  })
})

describe('a request that nobody can decide on', () => {
  beforeEach(() => createPackage(engine, 'p', { terms: exampleTerms() }))

  it('is said at once when it is made, listed, and told to managers once', async () => {
    await leave('lea', 'leo')
    const answer = await submit(engine, 'p', 'alice')
    expect(answer.result.warnings).toMatchObject([{ code: 'request.no-approver' }])
    await sweep()
    await sweep()
    expect(await problems()).toEqual(['no-approver p.alice.r1 request.no-approver'])
    expect(mailsOf('no-approver')).toEqual(['admin@example.com'])
  })

  it('is found when the last approver leaves, and is over when one is back', async () => {
    const answer = await submit(engine, 'p', 'alice')
    expect(answer.result.warnings).toBeUndefined()
    await leave('lea', 'leo')
    await sweep()
    expect(await problems()).toEqual(['no-approver p.alice.r1 request.no-approver'])
    expect(mailsOf('no-approver')).toEqual(['admin@example.com'])
    // Mails of one moment have no order among each other.
    const asked = () => [...mailsOf('approval-requested')].sort()
    const before = asked()
    expect(before).toEqual(['lea@example.com', 'leo@example.com'])
    await back()
    await sweep()
    expect(await problems()).toEqual([])
    expect(asked()).toEqual([...before, ...before].sort())
    expect((await types('p.alice')).slice(1)).toEqual(['ApproverMissing.v1', 'ApproverFound.v1'])
  })
})

describe('imports', () => {
  it('that the log wasn’t told of are told by a sweep, once', async () => {
    await back()
    const [waiting] = await engine.imports.importsToLog()
    expect(waiting).toBeDefined()
    await sweep()
    expect(await engine.imports.importsToLog()).toEqual([])
    const stream = `directory-import-${waiting?.id}`
    expect(await engine.typesOf(stream)).toEqual(['DirectoryImported.v1'])
    await engine.pool.query('update portcullis_directory.imports set logged = false')
    await sweep()
    expect(await engine.typesOf(stream)).toEqual(['DirectoryImported.v1'])
    await engine.imports.importLogged(waiting?.id ?? '')
  })
})
