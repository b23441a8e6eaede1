import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { approvedBy, fresh, givenCatalog, group, role, terms, user } from './testing/given.ts'
import { type Engine, openEngine } from './testing/openEngine.ts'

describe('S17 Create in one go', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await openEngine()
  })
  afterAll(() => engine.close())

  const whole = (catalogId: string) => ({
    id: fresh('package'),
    catalogId,
    displayName: 'Web team',
    description: 'Everything for a new member',
    resourceRoles: ['chat.member', 'crm.user'].map(role),
    policies: [
      { id: 'staff', terms: terms({ approval: approvedBy([user('bob'), group('leads')]) }) },
    ],
  })
  /** Four things wrong, each of another kind. */
  const broken = (catalogId: string) => ({
    ...whole(catalogId),
    resourceRoles: ['chat.member', 'chat.king', 'git.member'].map(role),
    policies: [
      {
        id: 'staff',
        terms: terms({ requestors: { kind: 'external', directoryIds: ['partner', 'rival'] } }),
      },
      {
        id: 'past',
        terms: terms({ expiration: { kind: 'onDate' as const, date: '2020-01-01' } }),
      },
    ],
  })
  const eventsOf = async (stream: string): Promise<number> =>
    (await engine.runtime.store.readStream(stream)).length

  it('package with resource roles and first policy in one command', async () => {
    const catalogId = await givenCatalog(engine)
    const body = whole(catalogId)
    await engine.as('mia').ok('createAccessPackage', body)
    const made = await engine.as('mia').ok('getAccessPackage', { packageId: body.id })
    expect(made).toMatchObject({
      id: body.id,
      catalogId,
      displayName: body.displayName,
      description: body.description,
      resourceRoles: body.resourceRoles,
      policies: [{ id: 'staff', version: 1, enabled: true }],
    })
  })

  it('"review" says what creating would come to, with every problem at once, each with its path, and writes nothing', async () => {
    const catalogId = await givenCatalog(engine)
    const olga = engine.as('olga')
    const before = await engine.runtime.store.head()
    const good = await olga.ok('validateAccessPackage', whole(catalogId))
    expect(good).toEqual({ valid: true, problems: [], warnings: [], resourcesToAdd: [] })
    const bad = await olga.ok('validateAccessPackage', broken(catalogId))
    expect([bad.valid, bad.problems.map(({ path, rule }) => [path, rule])]).toEqual([
      false,
      [
        ['body.resourceRoles[1].roleId', 'package.role-not-found'],
        ['body.resourceRoles[2].resourceId', 'package.resource-not-in-catalog'],
        ['body.policies[0].terms.requestors.directoryIds[1]', 'policy.directory-refused'],
        ['body.policies[1].terms.expiration.date', 'policy.date-passed'],
      ],
    ])
    expect(await engine.runtime.store.head()).toBe(before)
  })

  it('mistakes of shape and of substance are told together', async () => {
    const { status, text } = await engine.as('alice').raw('POST', '/v1/access-packages/validate', {
      displayName: '',
      resourceRoles: [role('ghost.user'), { resourceId: 'git' }],
      policies: [{ id: 'x', terms: { ...terms(), zone: 'Mars/Olympus' } }],
    })
    expect(status).toBe(200)
    const paths = JSON.parse(text).problems.map(({ path }: { readonly path: string }) => path)
    expect(paths).toEqual(
      expect.arrayContaining([
        'body.displayName',
        'body.resourceRoles[1].roleId',
        'body.policies[0].terms.zone',
      ]),
    )
  })

  it('creating what has problems is refused whole: no package, no resource in the catalog, no policy', async () => {
    const catalogId = await givenCatalog(engine)
    const body = broken(catalogId)
    const refused = await engine.as('alice').refused('createAccessPackage', body)
    expect(refused.errors).toHaveLength(3)
    expect(await eventsOf(`accessPackage-${body.id}`)).toBe(0)
    expect((await engine.as('olga').ok('getCatalog', { catalogId })).resourceIds).toEqual([
      'chat',
      'crm',
    ])
    // And the id is still free.
    await engine.as('alice').ok('createAccessPackage', { ...whole(catalogId), id: body.id })
  })

  it('what is allowed but probably not meant is a warning, in the review and with the creation', async () => {
    const catalogId = await givenCatalog(engine)
    const body = {
      ...whole(catalogId),
      resourceRoles: [],
      policies: [{ id: 'lonely', terms: terms({ approval: approvedBy([group('nobody')]) }) }],
    }
    const review = await engine.as('mia').ok('validateAccessPackage', body)
    const expected = [
      ['resourceRoles', 'package.no-resource-roles'],
      ['policies[0].terms.approval.stages[0].approvers[0]', 'policy.nobody-approves'],
    ]
    expect(review.valid).toBe(true)
    expect(review.warnings.map(({ path, rule }) => [path.replace('body.', ''), rule])).toEqual(
      expected,
    )
    const made = await engine.as('mia').ok('createAccessPackage', body)
    expect(made.warnings).toHaveLength(2)
  })

  it("the actor's own resources that would be added to the catalog are shown first, and added with the package", async () => {
    const catalogId = await givenCatalog(engine)
    const alice = engine.as('alice')
    const body = { ...whole(catalogId), resourceRoles: ['chat.member', 'git.member'].map(role) }
    const review = await alice.ok('validateAccessPackage', body)
    expect([review.valid, review.resourcesToAdd]).toEqual([true, ['git']])
    await alice.ok('createAccessPackage', body)
    expect((await alice.ok('getCatalog', { catalogId })).resourceIds).toContain('git')
  })

  it('who may not create there is told so in the review as well', async () => {
    const catalogId = await givenCatalog(engine)
    const review = await engine.as('nora').attempt('validateAccessPackage', whole(catalogId))
    expect(review.text).toContain('package.forbidden')
  })
})
