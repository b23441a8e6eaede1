import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { createApplication } from '../application.ts'
import { createPackage, openTerms, send, user } from '../testing/send.ts'
import { openTestEngine, START, type TestEngine } from '../testing/testEngine.ts'
import type { AssignMany, BulkAnswer } from './assignMany.ts'

const SUBJECTS = ['alice', 'anna', 'ben', 'carl', 'dora', 'emil'] as const
const LATER = '2026-07-01T08:00:00.000Z'

describe('assigning many at once (S18)', () => {
  let engine: TestEngine
  let made = 0
  let packageId = ''
  beforeAll(async () => {
    engine = await openTestEngine()
  })
  afterEach(() => engine.clock.set(START))
  afterAll(() => engine.close())

  const freshPackage = async (): Promise<void> => {
    made += 1
    packageId = `bulk-${made}`
    await createPackage(engine, packageId, {
      terms: openTerms({
        requestors: { kind: 'none' },
        expiration: { kind: 'afterDays', days: 30 },
      }),
    })
  }
  const commandOf = (changes: Partial<AssignMany> = {}): AssignMany => ({
    packageId,
    policyId: 'standard',
    subjectIds: SUBJECTS,
    startAt: null,
    endAt: null,
    justification: 'New in the team.',
    ...changes,
  })
  const assign = (
    changes: Partial<AssignMany> = {},
    { by = 'admin', commandId = randomUUID(), application = engine.application } = {},
  ): Promise<BulkAnswer> =>
    application.assignMany(commandOf(changes), { commandId, caller: user(by) })
  const accepted = (answer: BulkAnswer): Extract<BulkAnswer, { ok: true }> => {
    if (!answer.ok) throw new Error(answer.refusal.code)
    return answer
  }
  const refusal = (answer: BulkAnswer) => (answer.ok ? undefined : answer.refusal.code)
  const streamOf = (subjectId: string) => `entitlement-${packageId}.${subjectId}`

  it('answers for each in the order given: accepted, or refused with the reason', async () => {
    await freshPackage()
    await send(engine, 'admin', {
      type: 'AssignDirectly',
      ...commandOf(),
      subjectId: 'ben',
    })
    const commandId = randomUUID()
    const answer = accepted(
      await assign({ subjectIds: ['dora', 'nobody', 'ben', 'gone', 'alice'] }, { commandId }),
    )
    expect(answer).toMatchObject({ commandId, accepted: 2, refused: 3, repeated: 0 })
    const made = (subjectId: string) => ({
      subjectId,
      ok: true,
      requestId: `${packageId}.${subjectId}.r1`,
      assignmentId: `${packageId}.${subjectId}.a1`,
      status: 'Delivering',
      endAt: '2026-07-01T08:00:00.000Z',
      repeated: false,
    })
    expect(
      answer.results.map((result) =>
        result.ok ? result : [result.subjectId, result.refusal.code],
      ),
    ).toEqual([
      made('dora'),
      ['nobody', 'subject.not-found'],
      ['ben', 'request.already-assigned'],
      ['gone', 'subject.disabled'],
      made('alice'),
    ])
    const [submitted] = await engine.events(streamOf('alice'))
    expect(submitted).toMatchObject({
      data: { kind: 'direct', requestorId: 'admin', justification: 'New in the team.' },
      metadata: { correlationId: commandId, actor: { kind: 'user', id: 'admin' } },
    })
    expect(answer.position).toBe((await engine.events(streamOf('alice'))).at(-1)?.position)
  })

  it('sent again, does nothing twice and gives the same answer (promise 6)', async () => {
    await freshPackage()
    const commandId = randomUUID()
    const first = accepted(await assign({}, { commandId }))
    const head = await engine.store.head()
    // The policy is gone: what was decided stays decided.
    await send(engine, 'admin', { type: 'DisablePolicy', packageId, policyId: 'standard' })
    const again = accepted(await assign({}, { commandId }))
    expect(await engine.store.head()).toBe(head + 1n)
    expect(again).toEqual({
      ...first,
      repeated: SUBJECTS.length,
      results: first.results.map((result) => ({ ...result, repeated: true })),
    })
  })

  it('somebody else’s command id is another command, which is decided by what its sender may', async () => {
    await freshPackage()
    const commandId = randomUUID()
    accepted(await assign({}, { commandId }))
    const head = await engine.store.head()
    expect(await assign({}, { commandId, by: 'stranger' })).toMatchObject({
      ok: false,
      refusal: { code: 'assignment.forbidden' },
    })
    expect(await engine.store.head()).toBe(head)
  })

  it.each([
    ['other people', { subjectIds: ['alice', 'anna', 'ben'] }],
    ['another end', { endAt: LATER }],
    ['another reason', { justification: 'Because.' }],
  ])('refuses a command id that stood for another command: %s', async (_, changes) => {
    await freshPackage()
    const commandId = randomUUID()
    accepted(await assign({ subjectIds: ['alice', 'anna'] }, { commandId }))
    const head = await engine.store.head()
    const refused = { ok: false, refusal: { code: 'command.key-reused' } }
    expect(
      await assign({ subjectIds: ['alice', 'anna'], ...changes }, { commandId }),
    ).toMatchObject(refused)
    // Another process has only the view to know it by.
    await engine.project()
    const application = createApplication(engine)
    expect(
      await assign({ subjectIds: ['carl'], ...changes }, { commandId, application }),
    ).toMatchObject(refused)
    expect(await engine.store.head()).toBe(head)
  })

  /** An engine whose store breaks after so many appends. */
  const failingAfter = (appends: number) => {
    let left = appends
    return createApplication({
      ...engine,
      store: {
        ...engine.store,
        appendAll: async (all) => {
          left -= 1
          if (left < 0) throw new Error('the connection is gone')
          return engine.store.appendAll(all)
        },
      },
    })
  }

  it('goes on where it stopped, none lost and none twice', async () => {
    await freshPackage()
    const commandId = randomUUID()
    const application = failingAfter(3)
    await expect(assign({}, { commandId, application })).rejects.toThrow('connection')
    const begun = await Promise.all(SUBJECTS.map((id) => engine.typesOf(streamOf(id))))
    expect(begun.filter((types) => types.length > 0)).toHaveLength(3)
    expect(accepted(await assign({}, { commandId }))).toMatchObject({
      accepted: SUBJECTS.length,
      refused: 0,
      repeated: 3,
    })
    for (const id of SUBJECTS) {
      expect(await engine.typesOf(streamOf(id))).toEqual([
        'RequestSubmitted.v1',
        'RequestAutoApproved.v1',
        'AssignmentStarted.v1',
      ])
    }
  })

  it('schedules a start in the future; one that has come when it goes on is a start at once', async () => {
    await freshPackage()
    const commandId = randomUUID()
    const application = failingAfter(2)
    await expect(assign({ startAt: LATER }, { commandId, application })).rejects.toThrow('gone')
    engine.clock.set('2026-07-01T08:05:00.000Z')
    const all = accepted(await assign({ startAt: LATER }, { commandId }))
    expect(all).toMatchObject({ accepted: SUBJECTS.length, repeated: 2 })
    const statuses = all.results.map((result) => result.ok && result.status)
    expect(statuses.toSorted()).toEqual([
      ...SUBJECTS.slice(2).map(() => 'Delivering'),
      'Scheduled',
      'Scheduled',
    ])
    const [scheduled] = all.results.filter((result) => result.ok && result.repeated)
    expect(scheduled).toMatchObject({ status: 'Scheduled', endAt: '2026-07-31T08:00:00.000Z' })
  })

  it.each([
    ['nobody who manages the package', 'assignment.forbidden', {}, 'stranger'],
    ['an unknown package', 'package.not-found', { packageId: 'no-such' }, 'admin'],
    ['an unknown policy', 'assignment.policy-not-found', { policyId: 'no-such' }, 'admin'],
    [
      'a start in the past',
      'assignment.start-in-past',
      { startAt: '2026-01-01T00:00:00.000Z' },
      'admin',
    ],
    [
      'an end in the past',
      'assignment.end-in-past',
      { endAt: '2026-01-01T00:00:00.000Z' },
      'admin',
    ],
    [
      'an end before the start',
      'assignment.end-before-start',
      { startAt: LATER, endAt: '2026-06-15T00:00:00.000Z' },
      'admin',
    ],
  ])('refuses %s once, for everybody', async (_, code, changes, by) => {
    await freshPackage()
    const head = await engine.store.head()
    expect(refusal(await assign(changes, { by }))).toBe(code)
    expect(await engine.store.head()).toBe(head)
  })

  it('refuses one by one who is not within the policy', async () => {
    await createPackage(engine, 'scoped')
    const answer = accepted(await assign({ packageId: 'scoped', subjectIds: ['alice', 'bob'] }))
    expect(answer.results.map((result) => result.ok || result.refusal.code)).toEqual([
      true,
      'assignment.policy-not-applicable',
    ])
  })
})
