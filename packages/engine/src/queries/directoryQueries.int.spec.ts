import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Caller } from '../caller.ts'
import { send, service, user } from '../testing/send.ts'
import { openTestEngine, type TestEngine } from '../testing/testEngine.ts'

const PAGE = { limit: 50 }

describe('the directory, to pick from', () => {
  let engine: TestEngine
  beforeAll(async () => {
    engine = await openTestEngine()
    await send(engine, 'olivia', {
      type: 'CreateCatalog',
      catalogId: 'tools',
      displayName: 'Tools',
      description: '',
    })
    await send(engine, 'olivia', {
      type: 'AddPackageManager',
      catalogId: 'tools',
      personId: 'manny',
    })
    for (const [catalogId, resourceId, by] of [
      ['tools', 'repo', 'olivia'],
      ['tools', 'wiki', 'olivia'],
      ['default', 'crm', 'admin'],
    ] as const)
      await send(engine, by, { type: 'AddResource', catalogId, resourceId })
    await engine.project()
  })
  afterAll(() => engine.close())

  const app = () => engine.application

  it.each([
    ['a User administrator', user('admin')],
    ['a service with that role', service('upstream', 'UserAdministrator')],
    ['a Catalog creator', user('creator')],
    ['a Catalog owner', user('olivia')],
    ['an Access package manager', user('manny')],
  ])('%s may enumerate people, groups and external directories', async (_who, by: Caller) => {
    const ids = { items: [{ id: 'leads' }] }
    expect(await app().groups(by, { ...PAGE, search: 'LEAD' })).toMatchObject({ answer: ids })
    expect(await app().people(by, { ...PAGE, search: 'xena' })).toMatchObject({
      answer: { items: [{ id: 'xena', externalDirectoryId: 'partner' }] },
    })
    expect(await app().externalDirectories(by, PAGE)).toMatchObject({
      answer: { items: [{ id: 'partner' }, { id: 'rival', allowed: false }] },
    })
    expect(await app().externalDirectoryByDomain(by, 'PARTNER.example')).toMatchObject({
      answer: { id: 'partner', allowed: true, refusedBecause: null },
    })
    expect(await app().externalDirectoryByDomain(by, 'rival.example')).toMatchObject({
      answer: { id: 'rival', allowed: false, refusedBecause: 'is marked as not allowed' },
    })
    expect(await app().externalDirectoryByDomain(by, 'no.example')).toEqual({ ok: true })
  })

  it.each([
    ['somebody without a role', user('alice')],
    ['an approver', user('lea')],
    ['a disabled User administrator', user('gone')],
    ['somebody unknown', user('nobody')],
    ['a service without a role', service('watcher')],
  ])('%s may not', async (_who, by: Caller) => {
    const refusal = {
      ok: false,
      refusal: {
        kind: 'forbidden',
        code: 'directory.forbidden',
        data: {
          enoughRoles: [
            'CatalogCreator',
            'AccessPackageManager',
            'CatalogOwner',
            'UserAdministrator',
          ],
        },
      },
    }
    expect(await app().people(by, PAGE)).toMatchObject(refusal)
    expect(await app().groups(by, PAGE)).toMatchObject(refusal)
    expect(await app().externalDirectories(by, PAGE)).toMatchObject(refusal)
    expect(await app().externalDirectoryByDomain(by, 'partner.example')).toMatchObject({
      ...refusal,
      refusal: {
        message:
          'To find an external directory the sender needs Catalog creator, or Access package manager of any catalog, or Catalog owner of any catalog, or User administrator; ask somebody who has that role.',
      },
    })
  })

  it('shows each the resources that they may build packages of (S4)', async () => {
    const seen = async (
      by: Caller,
      options: { readonly catalogId?: string; readonly ownedByMe?: boolean } = {},
    ) => (await app().resources(by, { ...PAGE, ...options })).items.map(({ id }) => id)
    const [tools, inDefault, own] = [
      { catalogId: 'tools' },
      { catalogId: 'default' },
      { ownedByMe: true },
    ]
    expect(await seen(user('admin'))).toEqual(['chat', 'crm', 'lost', 'repo', 'wiki'])
    expect(await seen(user('admin'), tools)).toEqual(['repo', 'wiki'])
    expect(await seen(user('admin'), inDefault)).toEqual(['crm'])
    expect(await seen(user('admin'), own)).toEqual(['crm', 'wiki'])
    expect(await seen(user('admin'), { ...tools, ...own })).toEqual(['wiki'])
    expect(await seen(user('olivia'), tools)).toEqual(['repo', 'wiki'])
    expect(await seen(user('olivia'), inDefault)).toEqual([])
    expect(await seen(user('olivia'), own)).toEqual(['lost', 'repo', 'wiki'])
    expect(await seen(user('manny'))).toEqual(['chat', 'repo', 'wiki'])
    expect(await seen(user('manny'), tools)).toEqual(['repo', 'wiki'])
    expect(await seen(user('stranger'))).toEqual(['chat'])
    expect(await seen(user('stranger'), tools)).toEqual([])
    expect(await seen(user('alice'))).toEqual([])
    expect(await seen(user('gone'), own)).toEqual([])
    expect(await seen(service('watcher'))).toEqual([])
    const groups = await app().resources(user('admin'), { ...PAGE, kind: 'group' })
    expect(groups.items).toEqual([])
  })
})
