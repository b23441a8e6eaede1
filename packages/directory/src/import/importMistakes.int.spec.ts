import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { importDirectory } from './importDirectory.ts'
import { importFolder, SMALL } from './importFolder.fixture.ts'

const folder = importFolder()

describe('mistakes in the files of an import', () => {
  it('names file and line of every mistake, and writes nothing', async () => {
    await folder.write({
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
    expect(await folder.mistakes()).toEqual([
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
    expect(await folder.directory().counts()).toMatchObject({ people: 0, groups: 0 })
  })

  it('finds what only shows across lines and files', async () => {
    await folder.write({
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
    expect(await folder.mistakes()).toEqual([
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

  it.each([
    [{}, 'collaboration.json line 1: restriction: is missing'],
    [{ restriction: 'some' }, 'collaboration.json line 1: restriction: is none, allowOnly or deny'],
    [
      { restriction: 'deny', domains: ['ok.example', 'not ok'] },
      'collaboration.json line 1: domains.1: is not a domain name, such as "example.org"',
    ],
    [
      { restriction: 'none', domains: ['a.example'] },
      'collaboration.json line 1: domains: are listed, but restriction is none: choose allowOnly or deny, or leave them out',
    ],
    [[], 'collaboration.json line 1: is not an object: { … }'],
    ['{', /^collaboration.json.*not readable as JSON/],
  ])('says what is wrong with the collaboration restrictions %j', async (content, mistake) => {
    await folder.write({ 'collaboration.json': content })
    expect(await folder.mistakes()).toEqual([
      typeof mistake === 'string' ? mistake : expect.stringMatching(mistake),
    ])
  })

  it('takes the collaboration restrictions in JSON only', async () => {
    await folder.write({ 'collaboration.csv': 'restriction\nnone\n' })
    expect(await folder.mistakes()).toEqual([
      'collaboration.csv: is one object, in JSON: name it collaboration.json',
    ])
  })

  it('names a membership whose end is no moment', async () => {
    await folder.write({
      'people.csv': 'id,userName,displayName,email\na,a,A,a@example.org\n',
      'groups.csv': 'id,displayName\ng,G\n',
      'memberships.csv': 'groupId,personId,until\ng,a,\ng,a,2026-10-01\n',
    })
    expect(await folder.mistakes()).toEqual([
      'memberships.csv line 3: until: is not a moment, such as "2026-10-01T00:00:00Z"',
    ])
  })

  it('refers to the directory for the kinds that have no file', async () => {
    await folder.write(SMALL)
    await folder.run()
    await folder.empty()
    await folder.write({ 'memberships.csv': 'groupId,personId\nstaff,zoe\nstaff,ghost\n' })
    expect(await folder.mistakes()).toEqual([
      'memberships.csv line 3: personId: ghost is not among the people in the directory',
    ])
  })

  it('lists the first hundred mistakes and counts the others', async () => {
    const lines = Array.from({ length: 250 }, (_, n) => `g,nobody-${n}`)
    await folder.write({
      'people.csv': 'id,userName,displayName,email\n',
      'groups.csv': 'id,displayName\ng,G\n',
      'memberships.csv': ['groupId,personId', ...lines].join('\n'),
    })
    const found = await folder.mistakes()
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
    await folder.write({ [name]: content })
    expect((await folder.mistakes())[0]).toMatch(message)
  })

  it('refuses text that is not UTF-8, in both formats', async () => {
    const latin1 = Buffer.from('id,displayName\ng,Gr\xfcn\n', 'latin1')
    await writeFile(join(folder.path(), 'groups.csv'), latin1)
    expect(await folder.mistakes()).toEqual([
      'groups.csv line 2: displayName: holds bytes that are not UTF-8 text',
    ])
    await rm(join(folder.path(), 'groups.csv'))
    await writeFile(join(folder.path(), 'groups.json'), latin1)
    expect(await folder.mistakes()).toEqual(['groups.json: is not UTF-8 text'])
  })

  it('refuses a folder that is none, holds nothing, or the same twice', async () => {
    expect(await folder.mistakes()).toEqual([
      expect.stringMatching(/holds none of external-directories.csv/),
    ])
    await folder.write({ 'groups.csv': 'id,displayName\n', 'groups.json': [] })
    expect(await folder.mistakes()).toEqual([
      'groups.csv: there is a groups.json too; leave one of them',
    ])
    await expect(importDirectory(folder.pool(), join(folder.path(), 'none'))).rejects.toThrow(
      /can't be read/,
    )
    await expect(importDirectory(folder.pool(), join(folder.path(), 'groups.csv'))).rejects.toThrow(
      /is not a folder/,
    )
  })
})
