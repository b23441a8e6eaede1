import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { importFolder, SMALL } from './importFolder.fixture.ts'

const folder = importFolder()
const NOW = '2026-06-01T08:00:00.000Z'

describe('importDirectory', () => {
  it('imports CSV and JSON side by side, and the look-ups show it', async () => {
    await folder.write(SMALL)
    expect(await folder.run()).toEqual({
      entries: {
        'external-directories': 1,
        people: 3,
        groups: 1,
        memberships: 3,
        resources: 1,
      },
      disabled: 0,
      removals: [],
      holds: [],
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    const look = folder.directory()
    expect(await look.person('alice')).toEqual({
      id: 'alice',
      userName: 'alice',
      displayName: 'Älice Ångström',
      email: 'alice@example.org',
      enabled: true,
      locale: 'de',
      zone: 'Europe/Berlin',
      externalDirectoryId: null,
      directoryRoles: ['UserAdministrator', 'CatalogCreator'],
    })
    expect(await look.people(['bo', 'zoe', 'nobody'])).toMatchObject(
      new Map([
        [
          'bo',
          { displayName: 'Chen, "Bo" 陈波', enabled: false, locale: null, directoryRoles: [] },
        ],
        ['zoe', { displayName: 'Ζωή', externalDirectoryId: 'partner' }],
      ]),
    )
    expect(await look.groupsOf('bo', NOW)).toEqual(['staff'])
    expect((await look.membersOf('staff', NOW)).map((person) => person.id)).toEqual(['alice'])
    expect(await look.memberOfAny('bo', ['other', 'staff'], NOW)).toEqual(['staff'])
    expect((await look.groups(['staff', 'none'])).get('staff')).toEqual({
      id: 'staff',
      displayName: 'Staff',
    })
    expect([...(await look.resources(['wiki', 'none'])).values()]).toEqual([
      {
        id: 'wiki',
        kind: 'application',
        displayName: 'Wiki',
        description: '',
        connector: 'file',
        externalId: 'wiki',
        roles: [
          { id: 'reader', displayName: 'Reader', externalId: 'reader' },
          { id: 'editor', displayName: 'Editor', externalId: 'wiki-editors' },
        ],
        ownerIds: ['alice'],
      },
    ])
    const partner = {
      id: 'partner',
      displayName: 'Partner',
      initialDomain: 'partner.example',
      domains: ['partner.example', 'Bücher.example', 'shop.partner.example'],
      allowed: true,
      refusedBecause: null,
    }
    expect((await look.externalDirectories(['partner'])).get('partner')).toEqual(partner)
    for (const domain of ['PARTNER.example', 'bücher.EXAMPLE', 'xn--bcher-kva.example.']) {
      expect(await look.externalDirectoryByDomain(domain)).toEqual(partner)
    }
    expect(await look.externalDirectoryByDomain('other.example')).toBeUndefined()
    expect(await look.externalDirectoryByDomain('not a domain')).toBeUndefined()
    expect(await look.person('nobody')).toBeUndefined()
    expect(await look.counts()).toEqual({
      people: 3,
      groups: 1,
      memberships: 2,
      resources: 1,
      externalDirectories: 1,
    })
  })

  it('a second import replaces: missing people are disabled, links go, nothing else is deleted', async () => {
    await folder.write(SMALL)
    await folder.run()
    await folder.write({
      'people.csv':
        'id,userName,displayName,email\nzoe,zoe,Zoe,zoe@partner.example\nnew,alice,New,n@e.org\n',
      'memberships.csv': 'groupId,personId\nstaff,new\n',
      'resources.json': [{ id: 'crm', kind: 'application', displayName: 'CRM', connector: 'scim' }],
      'external-directories.csv': 'id,displayName,initialDomain\nother,Other,bücher.example\n',
    })
    await rm(join(folder.path(), 'groups.json'))
    const { disabled, removals } = await folder.run({ allowNoAdministrator: true })
    expect(disabled).toBe(1)
    expect(removals.map(({ kind, count, of }) => `${kind} ${count}/${of}`)).toEqual([
      'people 1/2',
      'homes 1/3',
      'memberships 2/2',
      'resourceOwners 1/1',
      'externalDirectories 1/1',
      'domains 1/3',
    ])
    const look = folder.directory()
    expect(await look.person('alice')).toMatchObject({
      enabled: false,
      displayName: 'Älice Ångström',
    })
    expect(await look.person('zoe')).toMatchObject({ externalDirectoryId: null, locale: null })
    expect(await look.groupsOf('alice', NOW)).toEqual([])
    expect(await look.groupsOf('new', NOW)).toEqual(['staff'])
    expect((await look.resources(['wiki'])).get('wiki')).toMatchObject({
      ownerIds: [],
      roles: [{ id: 'reader' }, { id: 'editor' }],
    })
    expect(await look.externalDirectoryByDomain('partner.example')).toMatchObject({
      allowed: false,
    })
    expect(await look.externalDirectoryByDomain('bücher.example')).toMatchObject({ id: 'other' })
    expect(await look.counts()).toMatchObject({ people: 4, groups: 1, resources: 2 })
  })

  it('lets external directories in by their flag and by the list of domains (S8)', async () => {
    const directory = (id: string, allowed = true) => ({
      id,
      displayName: id,
      initialDomain: `${id}.example`,
      domains: [`${id}-bücher.example`],
      allowed,
    })
    await folder.write({
      'external-directories.json': [directory('a'), directory('b'), directory('c', false)],
    })
    await folder.run()
    const seen = async () => {
      const found = await folder.directory().externalDirectories(['a', 'b', 'c'])
      return ['a', 'b', 'c'].map((id) => found.get(id)?.refusedBecause)
    }
    const flagged = 'is marked as not allowed'
    expect(await seen()).toEqual([null, null, flagged])
    const list = async (restriction: string, ...domains: string[]) => {
      await folder.empty()
      await folder.write({ 'collaboration.json': { restriction, domains } })
      await folder.run()
      return seen()
    }
    expect(await list('deny', 'A-BÜCHER.example', 'nowhere.example')).toEqual([
      'has the domain A-BÜCHER.example, which is denied',
      null,
      flagged,
    ])
    const unlisted = 'has no domain on the list of those allowed'
    expect(await list('allowOnly', 'xn--a-bcher-p2a.example')).toEqual([null, unlisted, flagged])
    expect(await list('allowOnly')).toEqual([unlisted, unlisted, flagged])
    expect(await list('none')).toEqual([null, null, flagged])
  })

  it('reads roles and owners from CSV files of their own', async () => {
    await folder.write({
      'people.csv': 'id,userName,displayName,email\nann,ann,Ann,ann@example.org\n',
      'resources.csv': 'id,kind,displayName,connector,ownerIds\nwiki,application,Wiki,file,\n',
      'resource-roles.csv': 'resourceId,id,displayName\nwiki,reader,Reader\nwiki,author,Author\n',
      'resource-owners.csv': 'resourceId,personId\nwiki,ann\n',
    })
    await folder.run()
    expect((await folder.directory().resources(['wiki'])).get('wiki')).toMatchObject({
      roles: [{ id: 'reader' }, { id: 'author' }],
      ownerIds: ['ann'],
    })
  })

  it('checks without writing, and tells how far it is', async () => {
    await folder.write(SMALL)
    const steps: string[] = []
    const result = await folder.run({
      dryRun: true,
      onProgress: (progress: { step: string; file?: string; entries: number }) =>
        steps.push(`${progress.step} ${progress.file ?? ''} ${progress.entries}`),
    })
    expect(result.entries.people).toBe(3)
    expect(steps).toContain('reading people.csv 3')
    expect(steps.at(-1)).toBe('writing  0')
    expect(await folder.directory().counts()).toMatchObject({ people: 0 })
  })
})
