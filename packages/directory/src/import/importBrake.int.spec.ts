import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { DirectoryImportHeld } from './brake.ts'
import { importFolder } from './importFolder.fixture.ts'
import {
  ADMIN,
  ALL,
  csv,
  idOf,
  LATER,
  memberships,
  NOW,
  numbers,
  PEOPLE_HEAD,
  people,
  personLine,
} from './largeOrganisation.fixture.ts'

const folder = importFolder()

/** The holds of an import, in few words; nothing when it was written. */
const holds = async (options: Parameters<typeof folder.run>[0] = {}): Promise<readonly string[]> =>
  folder.run({ now: LATER, ...options }).then(
    () => [],
    (error: unknown) => {
      if (!(error instanceof DirectoryImportHeld)) throw error
      return error.holds.map((hold) =>
        hold.code === 'last-administrator'
          ? hold.code
          : `${hold.code} ${hold.removal.kind} ${hold.removal.count}/${hold.removal.of}`,
      )
    },
  )

/** Everything that the directory holds, to see that nothing was written. */
const whole = async (): Promise<unknown> => {
  const tables = ['people', 'memberships', 'resource_owners', 'resources', 'resource_roles']
  const all = [...tables, 'external_directories', 'external_domains', 'collaboration', 'imports']
  return Promise.all(
    all.map(async (table) => {
      const from = `portcullis_directory.${table}`
      return (await folder.pool().query(`select * from ${from} t order by t::text`)).rows
    }),
  )
}

/** What comes instead of a file, or as a new one, alone in its folder. */
const comes = async (files: Readonly<Record<string, string | object>>): Promise<void> => {
  await folder.empty()
  await folder.write(files)
}

beforeEach(async () => {
  await folder.write(ALL)
  await folder.run({ now: NOW })
})

describe('an import that would take much away', () => {
  const fewer = people(numbers(10).map((n) => personLine(n)))
  const CUTS: readonly (readonly [string, Record<string, string | object>, readonly string[]])[] = [
    ['a people file of ten lines', { 'people.csv': fewer }, ['too-many people 30/41']],
    [
      'people who are all said to be disabled',
      { 'people.csv': people(numbers(40).map((n) => personLine(n, ',false,'))) },
      ['too-many people 40/41', 'too-many largeGroups 2/2'],
    ],
    [
      'user names and addresses that changed places',
      {
        'people.csv': people(
          numbers(40).map((n) => `${idOf(n)},${idOf(n)}@e.org,Person ${n},${idOf(n)}@e.org,true,`),
        ),
      },
      ['too-many userNames 40/41', 'too-many addresses 40/41'],
    ],
    [
      'memberships of a few',
      {
        'memberships.csv': memberships(
          numbers(41)
            .slice(1, 40)
            .map((n) => `staff,${idOf(n)},`),
        ),
      },
      ['too-many memberships 13/52', 'too-many largeGroups 1/2'],
    ],
    [
      'memberships that are all over by now',
      { 'memberships.csv': ALL['memberships.csv'].replaceAll(/,$/gm, `,${NOW}`) },
      ['too-many memberships 52/52', 'too-many largeGroups 2/2'],
    ],
    [
      'owners of none',
      { 'resource-owners.csv': csv('resourceId,personId', ['r0,p000']) },
      ['too-many resourceOwners 14/15'],
    ],
    [
      'resources that are elsewhere',
      { 'resources.csv': ALL['resources.csv'].replaceAll('scim', 'file') },
      ['too-many resourceTargets 15/15'],
    ],
    [
      'roles that have other names at the target',
      { 'resource-roles.csv': ALL['resource-roles.csv'].replaceAll(',role', ',other') },
      ['too-many roleTargets 15/15'],
    ],
    [
      'one external directory',
      { 'external-directories.json': ALL['external-directories.json'].slice(0, 1) },
      ['too-many externalDirectories 11/12'],
    ],
    [
      'external directories with one domain each',
      {
        'external-directories.json': ALL['external-directories.json'].map(
          ({ domains: _, ...rest }) => rest,
        ),
      },
      ['too-many domains 12/24'],
    ],
    [
      'a list that lets nobody in',
      { 'collaboration.json': { restriction: 'allowOnly', domains: ['d0.example'] } },
      ['too-many externalDirectories 11/12'],
    ],
  ]

  it.each(CUTS)('stops at %s and writes nothing', async (_what, files, expected) => {
    const before = await whole()
    await comes(files)
    expect(await holds()).toEqual(expected)
    expect(await whole()).toEqual(before)
    expect(await holds({ allowRemovals: true })).toEqual([])
    expect(await whole()).not.toEqual(before)
  })

  it.each([
    [
      'people.csv',
      `${PEOPLE_HEAD}\n`,
      ['too-many people 41/41', 'too-many largeGroups 2/2', 'last-administrator'],
    ],
    [
      'people.json',
      [],
      ['too-many people 41/41', 'too-many largeGroups 2/2', 'last-administrator'],
    ],
    [
      'memberships.csv',
      'groupId,personId\n',
      ['too-many memberships 52/52', 'too-many largeGroups 2/2'],
    ],
    [
      'external-directories.csv',
      'id,displayName,initialDomain\n',
      ['too-many externalDirectories 12/12'],
    ],
    ['resource-owners.json', [], ['too-many resourceOwners 15/15']],
  ])('stops at %s without an entry', async (name, content, expected) => {
    await comes({ [name]: content })
    // Groups that nobody is left in, and domains, come besides.
    expect(await holds()).toEqual(expect.arrayContaining(expected as string[]))
  })

  it('stops at a file without any entry, however small the directory is', async () => {
    const four = numbers(4).map((n) => personLine(n))
    await comes({ 'people.csv': people(four), 'memberships.csv': memberships(['staff,p001,']) })
    await folder.run({ now: NOW, allowRemovals: true })
    await comes({ 'memberships.csv': 'groupId,personId\n' })
    expect(await holds()).toEqual(['empty-file memberships 1/1', 'empty-file groups 1/1'])
  })

  it('lets ten go, or one in twenty, and not one more', async () => {
    const without = (count: number) =>
      numbers(40)
        .slice(count)
        .map((n) => personLine(n))
    await comes({ 'people.csv': people(without(11)) })
    expect(await holds()).toEqual(['too-many people 11/41'])
    await comes({ 'people.csv': people(without(10)) })
    expect(await holds()).toEqual([])
    await comes({ 'people.csv': people(without(11)) })
    expect(await holds({ limits: { most: 0, share: 0.05, withinMillis: 0 } })).toEqual([])
    await comes({ 'people.csv': people(without(13)) })
    expect(await holds({ limits: { most: 0, share: 0.05, withinMillis: 0 } })).toEqual([
      'too-many people 2/30',
      // Nobody else is in it.
      'too-many groups 1/2',
      'too-many largeGroups 1/2',
    ])
  })

  it('takes a file whose last line is not ended for one that was cut off, where anything goes by it', async () => {
    const cut = ALL['people.csv'].slice(0, -'23@example.org,true,\n'.length)
    expect(cut.endsWith('\n')).toBe(false)
    await comes({ 'people.csv': ALL['people.csv'].trimEnd() })
    expect(await holds()).toEqual([])
    await comes({ 'people.csv': ALL['people.csv'].split('\n').slice(0, -2).join('\n') })
    expect(await holds()).toEqual(['cut-off people 1/41'])
    // In the middle of the last field: still an address, but not theirs.
    const head = csv(
      'id,userName,displayName,email',
      numbers(40).map((n) => personLine(n, '')),
    )
    await comes({ 'people.csv': head.slice(0, -'mple.org\n'.length) })
    expect(await holds({ allowNoAdministrator: true })).toEqual([
      'cut-off people 1/41',
      'cut-off addresses 1/41',
    ])
  })

  it.each([0.1, 0.37, 0.5, 0.93, 0.99])(
    'writes nothing of a file that ends after %d of its bytes',
    async (share) => {
      const before = await whole()
      for (const name of ['people.csv', 'memberships.csv', 'external-directories.json'] as const) {
        const content = ALL[name]
        const text = typeof content === 'string' ? content : JSON.stringify(content)
        const bytes = Buffer.from(text)
        await folder.empty()
        await writeFile(join(folder.path(), name), bytes.subarray(0, bytes.length * share))
        await expect(folder.run({ now: LATER }), `${name} ${share}`).rejects.toThrow(
          /nothing was imported/,
        )
      }
      expect(await whole()).toEqual(before)
    },
  )

  it('keeps the last User administrator, unless told so by a flag of its own', async () => {
    const others = numbers(40).map((n) => personLine(n))
    const GONE = [
      others,
      [ADMIN.replace('true', 'false'), ...others],
      [ADMIN.replace('UserA', 'CatalogCreator,').split('CatalogCreator,')[0] ?? '', ...others],
    ]
    for (const lines of GONE) {
      await comes({ 'people.csv': csv(PEOPLE_HEAD, lines) })
      expect(await holds({ allowRemovals: true })).toEqual(['last-administrator'])
      expect(await holds()).toEqual(['last-administrator'])
    }
    await comes({
      'people.csv': csv(PEOPLE_HEAD, [
        ...others.slice(1),
        personLine(0, ',true,UserAdministrator'),
      ]),
    })
    expect(await holds()).toEqual([])
    await comes({ 'people.csv': csv(PEOPLE_HEAD, others) })
    expect(await holds({ allowNoAdministrator: true })).toEqual([])
  })

  it('says what would go, with the first names, and how to let it', async () => {
    await comes({ 'people.csv': fewer })
    const error = await folder.run({ now: LATER }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(DirectoryImportHeld)
    expect(error).toMatchObject({
      code: 'directory.removals-held',
      message: [
        'nothing was imported: it would take away more than looks meant',
        '30 of 41 people would be disabled: Person 10, Person 11, Person 12, Person 13, Person 14, and 25 more (without being told so, an import takes away at most 10)',
        'If that is what upstream means, import again with --allow-removals; --dry-run lists everything that goes.',
      ].join('\n'),
    })
  })

  it('counts everything that goes, in a dry run and in earnest', async () => {
    await comes({ 'people.csv': fewer })
    const dry = await folder.run({ now: LATER, dryRun: true })
    expect(dry.removals.map(({ kind, count, of }) => `${kind} ${count}/${of}`)).toEqual([
      'people 30/41',
    ])
    expect(dry.holds).toMatchObject([{ code: 'too-many', allowed: 10 }])
    const done = await folder.run({ now: LATER, allowRemovals: true })
    expect(done).toEqual({ ...dry, holds: [] })
  })
})
