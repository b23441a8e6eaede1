import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { importOrganisation, ORGANISATION } from '../testing/organisation.ts'
import { createPackage, openTerms, refusalOf, send, submit, user } from '../testing/send.ts'
import { openTestEngine, START, type TestEngine } from '../testing/testEngine.ts'

const PACKAGE = 'tools'
const LATER = '2026-10-01T00:00:00.000Z'

describe('why (S7 to S9, S16)', () => {
  let engine: TestEngine
  beforeAll(async () => {
    engine = await openTestEngine()
    await createPackage(engine, PACKAGE, { terms: openTerms({ displayName: 'Engineers' }) })
    const add = (policyId: string, requestors: object, enabled = true) =>
      send(engine, 'admin', {
        type: 'AddPolicy',
        packageId: PACKAGE,
        policyId,
        enabled,
        terms: openTerms({ displayName: policyId, ...requestors }),
      })
    await add('Partners', { requestors: { kind: 'external', directoryIds: ['partner'] } })
    await add('Direct', { requestors: { kind: 'none' } })
    await add('Off', {}, false)
    await engine.project()
  })
  afterAll(() => engine.close())
  beforeEach(async () => {
    engine.clock.set(START)
    await importOrganisation(engine.pool)
  })
  const why = (subjectId: string, by = subjectId, packageId = PACKAGE) =>
    engine.application.why(user(by), packageId, subjectId)
  const sentences = async (subjectId: string) =>
    (await why(subjectId))?.policies.map(({ sentence }) => sentence)

  it('tells a subject of themselves, and nothing of whom else the policies name', async () => {
    expect(await why('ben')).toEqual({
      packageId: PACKAGE,
      packageName: 'Package tools',
      subjectId: 'ben',
      subjectName: 'Person ben',
      mayRequest: true,
      refusal: null,
      policies: [
        {
          policyId: 'standard',
          displayName: 'Engineers',
          version: 1,
          enabled: true,
          applies: true,
          basis: { kind: 'group', id: 'eng', displayName: 'Engineers' },
          sentence: "Policy Engineers: this person is in group 'Engineers'.",
        },
        {
          policyId: 'Partners',
          displayName: 'Partners',
          version: 1,
          enabled: true,
          applies: false,
          basis: null,
          sentence:
            'Policy Partners: it is for people of external directories, and this person is of our own.',
        },
        {
          policyId: 'Direct',
          displayName: 'Direct',
          version: 1,
          enabled: true,
          applies: false,
          basis: null,
          sentence: 'Policy Direct: nobody requests by it; administrators assign directly.',
        },
        {
          policyId: 'Off',
          displayName: 'Off',
          version: 1,
          enabled: false,
          applies: false,
          basis: { kind: 'group', id: 'eng', displayName: 'Engineers' },
          sentence: 'Policy Off: it is disabled.',
        },
      ],
    })
  })

  it('tells who manages the package whom each policy is for', async () => {
    const found = await why('ben', 'admin')
    expect(found?.policies.map(({ scope }) => scope)).toEqual([
      "group 'Engineers'",
      "everybody of 'Partner'",
      'nobody: administrators assign directly',
      "group 'Engineers'",
    ])
    expect(found?.policies[0]?.terms).toMatchObject({ displayName: 'Engineers' })
  })

  it('says what keeps a subject from requesting, as the request’s refusal does', async () => {
    const request = (subjectId: string) =>
      refusalOf(engine, subjectId, {
        type: 'SubmitRequest',
        packageId: PACKAGE,
        subjectId,
        policyId: null,
        justification: null,
      })
    // To whom no policy of it is for it is as if there were none (S23).
    expect(await why('stranger')).toBeUndefined()
    expect(await request('stranger')).toBe('package.not-found')
    expect((await why('stranger', 'admin'))?.refusal).toMatchObject({
      code: 'request.no-policy-applies',
      message: expect.stringContaining(
        'Engineers: it names neither this person nor a group that they are in',
      ),
    })
    expect((await why('admin'))?.refusal?.code).toBe('request.no-policy-applies')
    expect(await request('admin')).toBe('request.no-policy-applies')
    expect(await why('gone', 'admin')).toMatchObject({
      mayRequest: false,
      refusal: { code: 'subject.disabled' },
    })
    expect(await why('who', 'admin')).toMatchObject({
      subjectName: null,
      refusal: { code: 'subject.not-found' },
      policies: [
        { sentence: 'Policy Engineers: the directory does not know this person.' },
        {},
        {},
        {},
      ],
    })
    await submit(engine, PACKAGE, 'carl')
    expect(await why('carl')).toMatchObject({
      mayRequest: false,
      refusal: { code: 'request.already-assigned' },
    })
    expect(await request('carl')).toBe('request.already-assigned')
  })

  it('takes several policies that apply for no obstacle (S9)', async () => {
    await createPackage(engine, 'twice')
    await send(engine, 'admin', {
      type: 'AddPolicy',
      packageId: 'twice',
      policyId: 'second',
      enabled: true,
      terms: openTerms(),
    })
    expect(await why('ben', 'ben', 'twice')).toMatchObject({
      mayRequest: true,
      refusal: { code: 'request.policy-needed' },
    })
  })

  it('follows memberships to their end', async () => {
    const [others, ben] = [
      ORGANISATION.memberships.filter(({ personId }) => personId !== 'ben'),
      { groupId: 'eng', personId: 'ben', until: LATER },
    ]
    await importOrganisation(engine.pool, { memberships: [...others, ben] })
    expect((await sentences('ben'))?.[0]).toBe(
      `Policy Engineers: this person is in group 'Engineers' until ${LATER}.`,
    )
    engine.clock.set(LATER)
    expect(await why('ben')).toBeUndefined()
    expect((await why('ben', 'admin'))?.policies[0]?.sentence).toBe(
      `Policy Engineers: it names neither this person nor a group that they are in; membership of group 'Engineers' ended at ${LATER}.`,
    )
    expect((await why('ben', 'admin'))?.mayRequest).toBe(false)
  })

  describe('collaboration restrictions (S8)', () => {
    const restrict = (restriction: string, ...domains: string[]) =>
      importOrganisation(engine.pool, { collaboration: { restriction, domains } })

    it.each([
      ['deny', 'PARTNER.example', 'it has the domain PARTNER.example, which is denied'],
      ['allowOnly', 'rival.example', 'it has no domain on the list of those allowed'],
    ])('%s %s: people of a refused directory get nothing new', async (kind, domain, because) => {
      await restrict('none')
      expect((await why('xena'))?.mayRequest).toBe(true)
      const offered = async () =>
        (await engine.application.requestable(user('xena'), { limit: 9 })).items.map(({ id }) => id)
      expect(await offered()).toEqual([PACKAGE])
      await restrict(kind, domain)
      expect(await offered()).toEqual([])
      expect(await why('xena')).toBeUndefined()
      const found = await why('xena', 'admin')
      expect(found).toMatchObject({
        mayRequest: false,
        refusal: { code: 'subject.directory-refused' },
      })
      expect(found?.policies[1]?.sentence).toBe(
        `Policy Partners: the collaboration restrictions refuse external directory 'Partner': ${because}.`,
      )
      const assign = {
        type: 'AssignDirectly',
        packageId: PACKAGE,
        subjectId: 'xena',
        startAt: null,
        endAt: null,
        justification: null,
      } as const
      for (const policyId of ['Partners', 'Direct'])
        expect(await refusalOf(engine, 'admin', { ...assign, policyId })).toBe(
          'subject.directory-refused',
        )
      expect(
        await refusalOf(engine, 'xena', {
          type: 'SubmitRequest',
          packageId: PACKAGE,
          subjectId: 'xena',
          policyId: 'Partners',
          justification: null,
        }),
      ).toBe('subject.directory-refused')
    })

    it('leave what somebody has, until its end or removal, and extend nothing', async () => {
      await restrict('none')
      await submit(engine, PACKAGE, 'xena')
      await restrict('deny', 'partner.example')
      const assignmentId = `${PACKAGE}.xena.a1`
      expect(
        await refusalOf(engine, 'xena', {
          type: 'RequestExtension',
          assignmentId,
          justification: null,
        }),
      ).toBe('subject.directory-refused')
      expect(await engine.typesOf(`entitlement-${PACKAGE}.xena`)).not.toContain(
        'AssignmentEnded.v2',
      )
      await send(engine, 'xena', { type: 'RemoveAssignment', assignmentId, justification: null })
      await restrict('none')
    })

    it('keep a refused directory out of policies', async () => {
      const policy = {
        type: 'AddPolicy',
        packageId: PACKAGE,
        policyId: 'more',
        enabled: true,
        terms: openTerms({ requestors: { kind: 'external', directoryIds: ['partner'] } }),
      } as const
      await restrict('deny', 'partner.example')
      expect(await refusalOf(engine, 'admin', policy)).toBe('policy.directory-refused')
      await restrict('none')
      await send(engine, 'admin', policy)
    })
  })
})
