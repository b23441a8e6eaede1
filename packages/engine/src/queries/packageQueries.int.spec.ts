import { exampleTerms } from '@portcullis/domain/testing'
import { BadCursor, type HistoryEntry, type Page } from '@portcullis/views'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createPackage, openTerms, send, submit, user } from '../testing/send.ts'
import { openTestEngine, START, type TestEngine } from '../testing/testEngine.ts'

const PAGE = { limit: 50 }
const ADMIN = user('admin')
const OLIVIA = user('olivia')
const MANNY = user('manny')
const CREATOR = user('creator')
const ALICE = user('alice')

describe('access packages and their catalogs, asked about', () => {
  let engine: TestEngine
  const app = () => engine.application
  beforeAll(async () => {
    engine = await openTestEngine()
    for (const [owner, catalogId] of [
      ['olivia', 'tools'],
      ['creator', 'others'],
    ] as const)
      await send(engine, owner, {
        type: 'CreateCatalog',
        catalogId,
        displayName: catalogId,
        description: '',
      })
    await send(engine, 'olivia', {
      type: 'AddPackageManager',
      catalogId: 'tools',
      personId: 'manny',
    })
    await createPackage(engine, 'open', { catalogId: 'tools' })
    await createPackage(engine, 'asked', { catalogId: 'tools', terms: exampleTerms() })
    await createPackage(engine, 'secret', { catalogId: 'tools', hidden: true })
    await submit(engine, 'open', 'alice')
    await submit(engine, 'asked', 'alice')
    await engine.start()
    await engine.settle()
  })
  afterAll(() => engine.close())

  it('catalogs for new packages: only those that one may create in (S2)', async () => {
    const catalogs = async (caller: typeof ADMIN) =>
      (await app().catalogsForNewPackages(caller, PAGE)).items.map(({ id }) => id)
    expect(await catalogs(ADMIN)).toEqual(['default', 'tools', 'others'])
    expect(await catalogs(OLIVIA)).toEqual(['tools'])
    expect(await catalogs(MANNY)).toEqual(['tools'])
    expect(await catalogs(ALICE)).toEqual([])
    // An owner of the built-in catalog may not create packages in it.
    await send(engine, 'admin', {
      type: 'AddCatalogOwner',
      catalogId: 'default',
      personId: 'creator',
    })
    await engine.settle()
    expect(await catalogs(CREATOR)).toEqual(['others'])
    expect((await app().catalogs(CREATOR, PAGE)).items.map(({ id }) => id)).toEqual([
      'default',
      'others',
    ])
  })

  it('the history of a catalog, and of a package: for who manages them, page by page', async () => {
    const types = (page: Page<HistoryEntry> | undefined) => page?.items.map(({ type }) => type)
    const all = await engine.typesOf('accessPackage-open')
    expect(types(await app().catalogHistory(MANNY, 'tools', PAGE))).toEqual(
      await engine.typesOf('catalog-tools'),
    )
    expect(types(await app().packageHistory(OLIVIA, 'open', PAGE))).toEqual(all)
    for (const caller of [CREATOR, ALICE]) {
      expect(await app().catalogHistory(caller, 'tools', PAGE)).toBeUndefined()
      expect(await app().packageHistory(caller, 'open', PAGE)).toBeUndefined()
    }
    expect(await app().catalogHistory(ADMIN, 'no-such', PAGE)).toBeUndefined()
    expect(await app().packageHistory(ADMIN, 'no-such', PAGE)).toBeUndefined()
    const paged: string[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: Page<HistoryEntry> | undefined = await app().packageHistory(ADMIN, 'open', {
        limit: 1,
        ...(cursor === '' ? {} : { cursor }),
      })
      paged.push(...(types(page) ?? []))
      cursor = page?.next ?? null
    }
    expect(paged).toEqual(all)
    const cursor = 'nonsense'
    await expect(app().packageHistory(ADMIN, 'open', { ...PAGE, cursor })).rejects.toThrow(
      BadCursor,
    )
  })

  it('what one may request says whether one has it, and names nobody else (S23)', async () => {
    const listed = async (caller: typeof ADMIN) =>
      (await app().requestable(caller, PAGE)).items.map(({ id, state }) => [id, state])
    expect(await listed(ALICE)).toEqual([
      ['open', 'assigned'],
      ['asked', 'pending'],
    ])
    expect(await listed(user('anna'))).toEqual([
      ['open', null],
      ['asked', null],
    ])
    expect(await listed(user('stranger'))).toEqual([])
    expect(await app().requestablePackage(ALICE, 'secret')).toMatchObject({ state: null })
    expect(await app().requestablePackage(ALICE, 'asked')).toEqual({
      id: 'asked',
      displayName: 'Package asked',
      description: '',
      roles: expect.any(Array),
      policies: [
        {
          id: 'standard',
          displayName: 'Engineers',
          description: '',
          requestorJustification: false,
          approval: { required: true, stages: [{ timeoutDays: 14 }] },
          expiration: { kind: 'afterDays', days: 30 },
          extension: { allowed: true, approvalRequired: false },
          zone: 'Europe/Berlin',
        },
      ],
      state: 'pending',
    })
  })

  it('every version of a policy, since when and by whom, also of one that was removed (S7)', async () => {
    const packageId = 'secret'
    const policyId = 'extra'
    const versions = (caller = MANNY, policy = policyId) =>
      app().policyVersions(caller, packageId, policy)
    const policy = { packageId, policyId }
    const [first, second] = [openTerms(), openTerms({ requestorJustification: true })]
    await send(engine, 'olivia', { type: 'AddPolicy', ...policy, enabled: false, terms: first })
    await send(engine, 'manny', { type: 'ChangePolicy', ...policy, terms: second })
    await send(engine, 'manny', { type: 'EnablePolicy', ...policy })
    const expected = [
      {
        version: 1,
        terms: first,
        since: START,
        until: START,
        by: { kind: 'user', id: 'olivia' },
      },
      { version: 2, terms: second, since: START, until: null, by: { kind: 'user', id: 'manny' } },
    ]
    await engine.settle()
    expect(await versions()).toEqual(expected)
    await send(engine, 'olivia', { type: 'RemovePolicy', ...policy })
    await engine.settle()
    expect(await versions()).toEqual([expected[0], { ...expected[1], until: START }])
    expect(await versions(CREATOR)).toBeUndefined()
    expect(await versions(MANNY, 'no-such')).toBeUndefined()
  })
})
