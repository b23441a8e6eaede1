import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { givenPackage, group, terms, untilRequest, user } from './testing/given.ts'
import { type Engine, openEngine } from './testing/openEngine.ts'

describe('S9 Several policies apply', () => {
  let engine: Engine
  let packageId: string
  beforeAll(async () => {
    engine = await openEngine()
    packageId = await givenPackage(engine, { displayName: 'All staff' })
    const more = [
      { id: 'sam-only', displayName: 'Sam', requestors: [user('sam')] },
      { id: 'leads', displayName: 'Leads', requestors: [group('leads')] },
    ]
    for (const { id, displayName, requestors } of more)
      await engine.as('alice').ok('addPolicy', {
        packageId,
        id,
        terms: terms({ displayName, requestors: { kind: 'directory', principals: requestors } }),
      })
    await engine.as('alice').ok('addPolicy', {
      packageId,
      id: 'partners',
      terms: terms({
        displayName: 'Partners',
        requestors: { kind: 'external', directoryIds: ['partner'] },
      }),
    })
  })
  afterAll(() => engine.close())

  it('without a name the answer lists those that apply, and nothing is requested', async () => {
    const sam = engine.as('sam')
    expect(await sam.refused('submitRequest', { packageId })).toMatchObject({
      status: 400,
      code: 'request.policy-needed',
      detail: 'Several policies apply (All staff, Sam); name the one to request by.',
      data: {
        policies: [
          { policyId: 'standard', displayName: 'All staff' },
          { policyId: 'sam-only', displayName: 'Sam' },
        ],
      },
    })
    expect((await sam.ok('listRequests', { packageId })).items).toEqual([])
  })

  it('the one that is named governs the request', async () => {
    const { requestId = '' } = await engine
      .as('sam')
      .ok('submitRequest', { packageId, policyId: 'sam-only' })
    const found = await untilRequest(engine.as('sam'), requestId, 'Fulfilled')
    expect([found.policyId, found.policyVersion]).toEqual(['sam-only', 1])
  })

  it('where one alone applies it need not be named', async () => {
    const { requestId = '' } = await engine.as('tess').ok('submitRequest', { packageId })
    expect((await engine.as('tess').ok('getRequest', { requestId })).policyId).toBe('standard')
  })

  it.each([
    ['uma', 'leads', 'it names neither this person nor a group that they are in'],
    ['uma', 'partners', 'it is for people of external directories, and this person is of our own'],
    [
      'pia',
      'standard',
      "it is for people of our own directory; this person is of external directory 'Partner Works'",
    ],
  ])('%s by policy %s: refused with the reason', async (id, policyId, reason) => {
    const refused = await engine.as(id).refused('submitRequest', { packageId, policyId })
    expect(refused).toMatchObject({
      status: 422,
      code: 'request.policy-not-applicable',
      data: { policyId, reason },
    })
    expect(refused.detail).toContain(reason)
  })

  it('where none applies, it is as if there were no such package; who manages it is told the reason of each', async () => {
    const refused = await engine.as('nora').refused('submitRequest', { packageId })
    expect([refused.status, refused.code]).toEqual([404, 'package.not-found'])
    const reasons = async (subjectId: string) =>
      (await engine.as('alice').ok('whyAccessPackage', { packageId, subjectId })).policies.map(
        ({ sentence }) => sentence,
      )
    expect(await reasons('nora')).toEqual([
      'Policy All staff: it names neither this person nor a group that they are in.',
      'Policy Sam: it names neither this person nor a group that they are in.',
      'Policy Leads: it names neither this person nor a group that they are in.',
      'Policy Partners: it is for people of external directories, and this person is of our own.',
    ])
    expect((await reasons('sue')).at(-1)).toBe(
      "Policy Partners: it is for people of other external directories; this person is of external directory 'Supplier Ltd'.",
    )
  })

  it('a policy that there is not is told as such', async () => {
    expect(
      await engine.as('uma').refused('submitRequest', { packageId, policyId: 'ghost' }),
    ).toMatchObject({ status: 404, code: 'request.policy-not-found' })
  })

  it('"why" says the same before anybody asks', async () => {
    const { policies } = await engine.as('uma').ok('whyAccessPackage', { packageId })
    expect(policies.map(({ policyId, basis }) => [policyId, basis])).toEqual([
      ['standard', { kind: 'group', id: 'staff', displayName: 'All staff' }],
      ['sam-only', null],
      ['leads', null],
      ['partners', null],
    ])
  })
})
