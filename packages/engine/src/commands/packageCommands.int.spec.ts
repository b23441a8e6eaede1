import { randomUUID } from 'node:crypto'
import type { AccessPackageCommand, PolicyTerms } from '@portcullis/domain'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApplication } from '../application.ts'
import { openTerms, refusalOf, roleOf, send, service, user } from '../testing/send.ts'
import { openTestEngine, type TestEngine } from '../testing/testEngine.ts'

describe('commands on access packages', () => {
  let engine: TestEngine
  let catalogs = 0
  beforeAll(async () => {
    engine = await openTestEngine()
  })
  afterAll(() => engine.close())

  /** A catalog of olivia's, with manny as its package manager, and nothing in it. */
  const newCatalog = async (): Promise<string> => {
    catalogs += 1
    const catalogId = `catalog-${catalogs}`
    await send(engine, 'olivia', {
      type: 'CreateCatalog',
      catalogId,
      displayName: 'Catalog',
      description: '',
    })
    await send(engine, 'olivia', { type: 'AddPackageManager', catalogId, personId: 'manny' })
    return catalogId
  }
  const create = (
    packageId: string,
    catalogId: string,
    roles: readonly string[],
    terms: PolicyTerms = openTerms(),
  ): Extract<AccessPackageCommand, { type: 'CreateAccessPackage' }> => ({
    type: 'CreateAccessPackage',
    packageId,
    catalogId,
    displayName: packageId,
    description: '',
    hidden: false,
    resourceRoles: roles.map(roleOf),
    policies: [{ policyId: 'standard', enabled: true, terms }],
  })
  const resourcesOf = async (catalogId: string) =>
    (await engine.parts.states.catalog(catalogId)).resourceIds
  const packageIdOf = async (id: string) => (await engine.parts.states.package(id)).packageId

  describe('bring resources in (S4)', () => {
    it('that the catalog’s owner owns, each once, and the catalog remembers the sender', async () => {
      const catalogId = await newCatalog()
      const roles = ['wiki.member', 'wiki.editor', 'repo.member']
      const commandId = randomUUID()
      await send(engine, 'olivia', create('brought', catalogId, roles), commandId)
      expect(await resourcesOf(catalogId)).toEqual(['wiki', 'repo'])
      const added = (await engine.events(`catalog-${catalogId}`)).filter(
        ({ type }) => type === 'ResourceAddedToCatalog.v1',
      )
      expect(added.map(({ metadata }) => metadata)).toMatchObject([
        { actor: { kind: 'user', id: 'olivia' }, correlationId: commandId },
        { actor: { kind: 'user', id: 'olivia' }, correlationId: commandId },
      ])
      expect((await engine.parts.states.package('brought')).resourceRoles).toEqual(
        roles.map(roleOf),
      )
    })

    it('when a role is added later', async () => {
      const catalogId = await newCatalog()
      await send(engine, 'olivia', create('later', catalogId, []))
      await send(engine, 'olivia', {
        type: 'AddResourceRole',
        packageId: 'later',
        ...roleOf('repo.editor'),
      })
      expect(await resourcesOf(catalogId)).toEqual(['repo'])
    })

    it('that a User administrator owns, also into the built-in catalog', async () => {
      await send(engine, 'admin', create('admins', 'default', ['crm.member']))
      expect(await resourcesOf('default')).toContain('crm')
    })

    it('any, when a service with a User administrator’s role asks', async () => {
      const catalogId = await newCatalog()
      const upstream = service('upstream', 'UserAdministrator')
      await send(engine, upstream, create('upstreams', catalogId, ['chat.member']))
      expect(await resourcesOf(catalogId)).toEqual(['chat'])
    })

    it.each([
      ['olivia', 'crm.member', 'an owner who doesn’t own it'],
      ['manny', 'chat.member', 'a package manager who owns it'],
    ])('refuses %s and %s: %s', async (by, role) => {
      const catalogId = await newCatalog()
      const id = `refused-${by}`
      expect(await refusalOf(engine, by, create(id, catalogId, [role]))).toBe(
        'package.resource-not-in-catalog',
      )
      expect(await resourcesOf(catalogId)).toEqual([])
      expect(await packageIdOf(id)).toBeNull()
    })

    it('lets a package manager use what is in the catalog, owned or not', async () => {
      const catalogId = await newCatalog()
      await send(engine, 'admin', { type: 'AddResource', catalogId, resourceId: 'crm' })
      await send(engine, 'manny', create('managed', catalogId, ['crm.member']))
      expect(await packageIdOf('managed')).toBe('managed')
    })

    it('leaves the catalog as it was when the package is refused', async () => {
      const catalogId = await newCatalog()
      const before = await engine.events(`catalog-${catalogId}`)
      const unknown = openTerms({
        requestors: { kind: 'directory', principals: [{ kind: 'group', id: 'no-such' }] },
      })
      for (const [command, code] of [
        [create('no', catalogId, ['wiki.member', 'repo.owner']), 'package.role-not-found'],
        [
          create('no', catalogId, ['wiki.member', 'moon.member']),
          'package.resource-not-in-catalog',
        ],
        [create('no', catalogId, ['wiki.member', 'wiki.member']), 'package.duplicate-role'],
        [create('no', catalogId, ['wiki.member'], unknown), 'policy.unknown-principal'],
      ] as const)
        expect(await refusalOf(engine, 'olivia', command)).toBe(code)
      expect(await engine.events(`catalog-${catalogId}`)).toEqual(before)
      expect(await packageIdOf('no')).toBeNull()
    })

    it('lets a disabled person do nothing, whatever their roles', async () => {
      expect(await refusalOf(engine, 'gone', create('no', 'default', ['crm.member']))).toBe(
        'package.forbidden',
      )
    })
  })

  describe('sent twice', () => {
    it('do it once and answer the same, also after the resource has left the catalog', async () => {
      const catalogId = await newCatalog()
      const command = create('twice', catalogId, ['wiki.member'])
      const commandId = randomUUID()
      const first = await send(engine, 'olivia', command, commandId)
      await send(engine, 'olivia', { type: 'RemoveResource', catalogId, resourceId: 'wiki' })
      const before = await engine.store.head()
      expect(await send(engine, 'olivia', command, commandId)).toEqual({ ...first, repeated: true })
      expect(await engine.store.head()).toBe(before)
      expect(await resourcesOf(catalogId)).toEqual([])
    })

    it('go on where the first one broke off', async () => {
      const catalogId = await newCatalog()
      let broken = true
      const application = createApplication({
        ...engine,
        store: {
          ...engine.store,
          appendAll: async (appends) => {
            if (broken && appends.some(({ stream }) => stream.startsWith('accessPackage-')))
              throw new Error('disk full')
            return engine.store.appendAll(appends)
          },
        },
      })
      const command = create('resumed', catalogId, ['wiki.member'])
      const envelope = { commandId: randomUUID(), caller: user('olivia') }
      await expect(application.execute(command, envelope)).rejects.toThrow('disk full')
      expect(await resourcesOf(catalogId)).toEqual(['wiki'])
      broken = false
      expect(await application.execute(command, envelope)).toMatchObject({ ok: true })
      expect(await engine.typesOf(`catalog-${catalogId}`)).toEqual([
        'CatalogCreated.v1',
        'PackageManagerAdded.v1',
        'ResourceAddedToCatalog.v1',
      ])
    })
  })

  describe('check policies against the directory', () => {
    const asking = (directoryIds: readonly string[]) =>
      openTerms({ requestors: { kind: 'external', directoryIds: [...directoryIds] } })

    it('takes what it knows and allows', async () => {
      await send(engine, 'admin', create('external', 'default', [], asking(['partner'])))
    })

    it.each([
      ['policy.unknown-principal', asking(['unheard-of'])],
      ['policy.directory-refused', asking(['partner', 'rival'])],
      [
        'policy.unknown-principal',
        openTerms({
          approval: {
            required: true,
            stages: [
              {
                approvers: [{ kind: 'user', id: 'nobody' }],
                timeoutDays: 1,
                approverJustification: false,
              },
            ],
          },
        }),
      ],
    ])('refuses with %s', async (code, terms) => {
      expect(await refusalOf(engine, 'admin', create('no', 'default', [], terms))).toBe(code)
      expect(
        await refusalOf(engine, 'admin', {
          type: 'ChangePolicy',
          packageId: 'external',
          policyId: 'standard',
          terms,
        }),
      ).toBe(code)
    })
  })
})
