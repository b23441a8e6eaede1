import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestDatabase, testDatabase } from '@portcullis/postgres/testing'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  createDirectory,
  DirectoryImportError,
  importDirectory,
  migrateDirectory,
} from '../index.ts'

let database: TestDatabase
let folder: string

beforeAll(async () => {
  database = await testDatabase()
  await migrateDirectory(database.pool)
})
afterAll(() => database.close())
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'directory-'))
})
afterEach(async () => {
  await rm(folder, { recursive: true })
  await database.pool.query(`truncate portcullis_directory.people, portcullis_directory.groups,
    portcullis_directory.memberships, portcullis_directory.resources, portcullis_directory.resource_roles,
    portcullis_directory.resource_owners, portcullis_directory.external_directories,
    portcullis_directory.external_domains`)
})

const write = async (files: Readonly<Record<string, string | object>>): Promise<void> => {
  for (const [name, content] of Object.entries(files)) {
    await writeFile(
      join(folder, name),
      typeof content === 'string' ? content : JSON.stringify(content, null, 2),
    )
  }
}
const directory = () => createDirectory(database.pool)
const run = (options = {}) => importDirectory(database.pool, folder, options)
const mistakes = async (): Promise<string[]> => {
  const error = await run().catch((thrown: unknown) => thrown)
  if (!(error instanceof DirectoryImportError)) throw new Error('was imported', { cause: error })
  return error.message.split('\n').slice(1)
}

const SMALL = {
  'people.csv': [
    'id,userName,displayName,email,enabled,locale,zone,externalDirectoryId,directoryRoles',
    'alice,alice,Älice Ångström,alice@example.org,,de,Europe/Berlin,,UserAdministrator CatalogCreator',
    'bo,bo,"Chen, ""Bo"" 陈波",bo@example.org,FALSE,,,,',
    'zoe,zoe,Ζωή,zoe@partner.example,true,el,,partner,',
  ].join('\r\n'),
  'groups.json': [{ id: 'staff', displayName: 'Staff' }],
  'memberships.csv': 'groupId,personId\nstaff,alice\nstaff,bo\nstaff,alice\n',
  'resources.json': [
    {
      id: 'wiki',
      kind: 'application',
      displayName: 'Wiki',
      connector: 'file',
      roles: [
        { id: 'reader', displayName: 'Reader' },
        { id: 'editor', displayName: 'Editor', externalId: 'wiki-editors' },
      ],
      ownerIds: ['alice'],
    },
  ],
  'external-directories.csv':
    'id,displayName,initialDomain,domains,allowed\npartner,Partner,partner.example,Bücher.example shop.partner.example,\n',
}

describe('importDirectory', () => {
  it('imports CSV and JSON side by side, and the look-ups show it', async () => {
    await write(SMALL)
    expect(await run()).toEqual({
      entries: {
        'external-directories': 1,
        people: 3,
        groups: 1,
        memberships: 3,
        resources: 1,
      },
      disabled: 0,
    })
    const look = directory()
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
          { displayName: 'Chen, "Bo" 陈波', enabled: false, locale: 'en', directoryRoles: [] },
        ],
        ['zoe', { displayName: 'Ζωή', externalDirectoryId: 'partner' }],
      ]),
    )
    expect(await look.groupsOf('bo')).toEqual(['staff'])
    expect((await look.membersOf('staff')).map((person) => person.id)).toEqual(['alice'])
    expect(await look.memberOfAny('bo', ['other', 'staff'])).toEqual(['staff'])
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
    await write(SMALL)
    await run()
    await write({
      'people.csv':
        'id,userName,displayName,email\nzoe,zoe,Zoe,zoe@partner.example\nnew,alice,New,n@e.org\n',
      'memberships.csv': 'groupId,personId\nstaff,new\n',
      'resources.json': [{ id: 'crm', kind: 'application', displayName: 'CRM', connector: 'scim' }],
      'external-directories.csv': 'id,displayName,initialDomain\nother,Other,bücher.example\n',
    })
    await rm(join(folder, 'groups.json'))
    expect(await run()).toMatchObject({ disabled: 1 })
    const look = directory()
    expect(await look.person('alice')).toMatchObject({
      enabled: false,
      displayName: 'Älice Ångström',
    })
    expect(await look.person('zoe')).toMatchObject({ externalDirectoryId: null, locale: 'en' })
    expect(await look.groupsOf('alice')).toEqual([])
    expect(await look.groupsOf('new')).toEqual(['staff'])
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

  it('reads roles and owners from CSV files of their own', async () => {
    await write({
      'people.csv': 'id,userName,displayName,email\nann,ann,Ann,ann@example.org\n',
      'resources.csv': 'id,kind,displayName,connector,ownerIds\nwiki,application,Wiki,file,\n',
      'resource-roles.csv': 'resourceId,id,displayName\nwiki,reader,Reader\nwiki,author,Author\n',
      'resource-owners.csv': 'resourceId,personId\nwiki,ann\n',
    })
    await run()
    expect((await directory().resources(['wiki'])).get('wiki')).toMatchObject({
      roles: [{ id: 'reader' }, { id: 'author' }],
      ownerIds: ['ann'],
    })
  })

  it('names file and line of every mistake, and writes nothing', async () => {
    await write({
      'people.csv': [
        '\ufeffid,userName,displayName,email,enabled,locale,zone',
        'ok,ok,"two',
        'lines",ok@example.org,true,,',
        'b d,bad,,not-an-address,maybe,xx_yy_zz_!,Mars/Base',
        'few,fields',
        'tab,tab,Ta\tb,tab@example.org,,,',
        'fine,fine,Fine,fine@example.org,,,',
      ].join('\n'),
      'groups.json': '[\n  { "id": "a", "displayName": "A", "mail": 1 },\n  3,\n  { "id": "b" }\n]',
      'resources.json': [
        { id: 'r', kind: 'toaster', displayName: 'R', connector: 'file', roles: [{ id: '.' }] },
      ],
    })
    expect(await mistakes()).toEqual([
      'people.csv line 2: displayName: holds a control character',
      'people.csv line 4: id: an id is 1 to 64 letters, digits, "_" or "-", starting with a letter or a digit',
      'people.csv line 4: displayName: is missing',
      'people.csv line 4: email: is not an e-mail address',
      'people.csv line 4: enabled: must be true or false',
      'people.csv line 4: locale: is not a language tag (BCP 47), such as "de" or "pt-BR"',
      'people.csv line 4: zone: is not a time zone (IANA), such as "Europe/Berlin"',
      'people.csv line 5: 2 fields, but 7 columns (a comma in a text needs quotation marks around the text)',
      'people.csv line 6: displayName: holds a control character',
      'groups.json line 2: unknown field mail',
      'groups.json line 3: is not an object: { … }',
      'groups.json line 4: displayName: is missing',
      'resources.json line 2: kind: is group, application or sharepointSite',
      'resources.json line 2: roles.0.id: an id is 1 to 64 letters, digits, "_" or "-", starting with a letter or a digit',
      'resources.json line 2: roles.0.displayName: is missing',
    ])
    expect(await directory().counts()).toMatchObject({ people: 0, groups: 0 })
  })

  it('finds what only shows across lines and files', async () => {
    await write({
      'people.csv': [
        'id,userName,displayName,email,externalDirectoryId',
        'a,Same,A,a@example.org,',
        'b,same,B,b@example.org,nowhere',
        'a,other,A,a2@example.org,',
      ].join('\n'),
      'groups.csv': 'id,displayName\ng,G\n',
      'memberships.csv': 'groupId,personId\ng,a\nh,a\ng,nobody\n',
      'resources.json': [
        {
          id: 'r',
          kind: 'group',
          displayName: 'R',
          connector: 'file',
          ownerIds: ['gone'],
          roles: [
            { id: 'm', displayName: 'M' },
            { id: 'm', displayName: 'N' },
          ],
        },
      ],
      'external-directories.json': [
        { id: 'x', displayName: 'X', initialDomain: 'x.example' },
        { id: 'y', displayName: 'Y', initialDomain: 'y.example', domains: ['X.example'] },
      ],
    })
    expect(await mistakes()).toEqual([
      'people.csv line 4: id: a is already on line 2',
      'people.csv line 3: userName: same is already on line 2',
      'resources.json line 2: role: r.m is already on line 2',
      'external-directories.json line 7: domains: X.example is already with x',
      'people.csv line 3: externalDirectoryId: nowhere is not among the external directories in this import',
      'memberships.csv line 3: groupId: h is not among the groups in this import',
      'memberships.csv line 4: personId: nobody is not among the people in this import',
      'resources.json line 2: ownerIds: gone is not among the people in this import',
    ])
  })

  it('refers to the directory for the kinds that have no file', async () => {
    await write(SMALL)
    await run()
    await rm(folder, { recursive: true })
    folder = await mkdtemp(join(tmpdir(), 'directory-'))
    await write({ 'memberships.csv': 'groupId,personId\nstaff,zoe\nstaff,ghost\n' })
    expect(await mistakes()).toEqual([
      'memberships.csv line 3: personId: ghost is not among the people in the directory',
    ])
  })

  it('lists the first hundred mistakes and counts the others', async () => {
    const lines = Array.from({ length: 250 }, (_, n) => `g,nobody-${n}`)
    await write({
      'people.csv': 'id,userName,displayName,email\n',
      'groups.csv': 'id,displayName\ng,G\n',
      'memberships.csv': ['groupId,personId', ...lines].join('\n'),
    })
    const found = await mistakes()
    expect(found).toHaveLength(101)
    expect(found.at(-1)).toBe('… and 150 more')
  })

  it.each([
    ['people.csv', '', 'people.csv: is empty; the first line names the columns'],
    ['people.csv', 'id,nick\n', /people\.csv line 1: unknown column nick; missing column userName/],
    [
      'people.csv',
      'id,userName,displayName,email\na,"b,c,d\n',
      /people\.csv line \d: not readable as CSV/,
    ],
    ['groups.json', '[\n{"id": "a",}\n]', /groups\.json line 2: not readable as JSON/],
    ['groups.json', '{}', /groups\.json line 1: must hold an array/],
  ])('tells what is wrong with %s: %j', async (name, content, message) => {
    await write({ [name]: content })
    expect((await mistakes())[0]).toMatch(message)
  })

  it('refuses text that is not UTF-8, in both formats', async () => {
    const latin1 = Buffer.from('id,displayName\ng,Gr\xfcn\n', 'latin1')
    await writeFile(join(folder, 'groups.csv'), latin1)
    expect(await mistakes()).toEqual([
      'groups.csv line 2: displayName: holds bytes that are not UTF-8 text',
    ])
    await rm(join(folder, 'groups.csv'))
    await writeFile(join(folder, 'groups.json'), latin1)
    expect(await mistakes()).toEqual(['groups.json: is not UTF-8 text'])
  })

  it('refuses a folder that is none, holds nothing, or the same twice', async () => {
    expect(await mistakes()).toEqual([
      expect.stringMatching(/holds none of external-directories.csv/),
    ])
    await write({ 'groups.csv': 'id,displayName\n', 'groups.json': [] })
    expect(await mistakes()).toEqual(['groups.csv: there is a groups.json too; leave one of them'])
    await expect(importDirectory(database.pool, join(folder, 'none'))).rejects.toThrow(
      /can't be read/,
    )
    await expect(importDirectory(database.pool, join(folder, 'groups.csv'))).rejects.toThrow(
      /is not a folder/,
    )
  })

  it('checks without writing, and tells how far it is', async () => {
    await write(SMALL)
    const steps: string[] = []
    const result = await run({
      dryRun: true,
      onProgress: (progress: { step: string; file?: string; entries: number }) =>
        steps.push(`${progress.step} ${progress.file ?? ''} ${progress.entries}`),
    })
    expect(result.entries.people).toBe(3)
    expect(steps).toContain('reading people.csv 3')
    expect(steps.at(-1)).toBe('writing  0')
    expect(await directory().counts()).toMatchObject({ people: 0 })
  })
})
