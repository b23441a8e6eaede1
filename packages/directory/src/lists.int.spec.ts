import { beforeEach, describe, expect, it } from 'vitest'
import type { ListPage, ListRequest } from './directory.ts'
import { importFolder } from './import/importFolder.fixture.ts'

const NOW = '2026-06-01T08:00:00.000Z'
const folder = importFolder()

const person = (id: string, displayName: string, more: object = {}) => ({
  id,
  userName: `${id}.login`,
  displayName,
  email: `${id}@mail.example`,
  ...more,
})
const resource = (id: string, kind: string, displayName: string, ...ownerIds: string[]) => ({
  id,
  kind,
  displayName,
  connector: 'file',
  roles: [{ id: 'member', displayName: 'Member' }],
  ownerIds,
})

const FILES = {
  'external-directories.json': [
    { id: 'fab', displayName: 'Fabrikam', initialDomain: 'fabrikam.example' },
    {
      id: 'wood',
      displayName: 'Woodgrove',
      initialDomain: 'woodgrove.example',
      domains: ['bücher.example'],
    },
  ],
  'people.json': [
    person('p1', 'Åsa Öberg'),
    person('p2', 'asa olsen'),
    person('p3', 'Bo 100%'),
    person('p4', 'Bo_1000', { enabled: false }),
    person('p5', '陈波'),
    person('p0', 'Bo 100%'),
  ],
  'groups.json': [
    { id: 'crew', displayName: 'Crew' },
    { id: 'empty', displayName: 'Empty' },
    { id: 'past', displayName: 'Past' },
  ],
  'memberships.json': [
    { groupId: 'crew', personId: 'p1' },
    { groupId: 'crew', personId: 'p2', until: '2026-06-01T10:00:00.001+02:00' },
    { groupId: 'crew', personId: 'p3', until: NOW },
    { groupId: 'crew', personId: 'p4' },
    { groupId: 'past', personId: 'p1', until: '2026-05-01T00:00:00Z' },
    { groupId: 'past', personId: 'p4' },
  ],
  'resources.json': [
    resource('wiki', 'application', 'Wiki', 'p1'),
    resource('team', 'group', 'Team', 'p1', 'p2'),
    resource('site', 'sharepointSite', 'Site', 'p2'),
  ],
}

/** Ids of all pages, asked for one after the other. */
const idsOf = async (
  list: (page: ListRequest) => Promise<ListPage<{ readonly id: string }>>,
  search?: string,
): Promise<readonly (readonly string[])[]> => {
  const pages: string[][] = []
  let cursor: string | undefined
  do {
    const { items, next } = await list({ limit: 2, cursor, search })
    pages.push(items.map(({ id }) => id))
    cursor = next ?? undefined
  } while (cursor !== undefined)
  return pages
}

beforeEach(async () => {
  await folder.write(FILES)
  await folder.run()
})

describe('lists to pick from', () => {
  it('go by name whatever its case and accents, then by id, page by page', async () => {
    const { listPeople } = folder.directory()
    expect(await idsOf(listPeople)).toEqual([
      ['p1', 'p2'],
      ['p0', 'p3'],
      ['p4', 'p5'],
    ])
  })

  it.each([
    ['ASA', [['p1', 'p2']]],
    ['öberg', [['p1']]],
    ['berg', [['p1']]],
    ['100%', [['p0', 'p3']]],
    ['o_1', [['p4']]],
    ['\\', [[]]],
    ['波', [['p5']]],
    ['P3.LOGIN', [['p3']]],
    ['p2@mail', [['p2']]],
    ['  ', null],
    ['nobody', [[]]],
  ])('finds %j', async (search, expected) => {
    const { listPeople } = folder.directory()
    expect(await idsOf(listPeople, search)).toEqual(expected ?? (await idsOf(listPeople)))
  })

  it('groups, with how many enabled people are in each now', async () => {
    const { items } = await folder.directory().listGroups({ limit: 9 }, NOW)
    expect(items).toEqual([
      { id: 'crew', displayName: 'Crew', memberCount: 2 },
      { id: 'empty', displayName: 'Empty', memberCount: 0 },
      { id: 'past', displayName: 'Past', memberCount: 0 },
    ])
  })

  it('resources, by kind, owner, and which are meant', async () => {
    const { listResources } = folder.directory()
    const ids = async (filters: Parameters<typeof listResources>[1]) =>
      (await listResources({ limit: 9 }, filters)).items.map(({ id }) => id)
    expect(await ids({})).toEqual(['site', 'team', 'wiki'])
    expect(await ids({ kind: 'group' })).toEqual(['team'])
    expect(await ids({ ownerId: 'p1' })).toEqual(['team', 'wiki'])
    expect(await ids({ ids: ['wiki', 'none'] })).toEqual(['wiki'])
    expect(await ids({ ids: ['wiki', 'site'], ownerId: 'p2' })).toEqual(['site'])
    expect(await ids({ idsOrOwned: { ids: ['wiki'], ownerId: 'p2' } })).toEqual([
      'site',
      'team',
      'wiki',
    ])
    const { items } = await listResources({ limit: 1, search: 'TEA' })
    expect(items).toEqual([
      {
        id: 'team',
        kind: 'group',
        displayName: 'Team',
        description: '',
        connector: 'file',
        externalId: 'team',
        roles: [{ id: 'member', displayName: 'Member', externalId: 'member' }],
        ownerIds: ['p1', 'p2'],
      },
    ])
  })

  it('external directories, also by any of their domains', async () => {
    const { listExternalDirectories } = folder.directory()
    expect(await idsOf(listExternalDirectories)).toEqual([['fab', 'wood']])
    for (const search of ['bücher', 'xn--bcher', 'WOODGROVE.example', 'grove'])
      expect([search, await idsOf(listExternalDirectories, search)]).toEqual([search, [['wood']]])
  })

  it('lose and repeat nobody when somebody comes between two pages', async () => {
    const { listPeople } = folder.directory()
    const first = await listPeople({ limit: 3 })
    await folder.write({ 'people.json': [...FILES['people.json'], person('p9', 'Aaron')] })
    await folder.run()
    const second = await listPeople({ limit: 9, cursor: first.next ?? undefined })
    expect([...first.items, ...second.items].map(({ id }) => id)).toEqual([
      'p1',
      'p2',
      'p0',
      'p3',
      'p4',
      'p5',
    ])
  })

  it.each(['abc', '', Buffer.from('groups\na\nb').toString('base64url')])(
    'refuse a cursor that isn’t theirs: %j',
    async (cursor) => {
      const { listPeople } = folder.directory()
      await expect(listPeople({ limit: 1, cursor })).rejects.toMatchObject({
        code: 'directory.bad-cursor',
      })
    },
  )
})

describe('memberships with an end', () => {
  it('count while now is before it', async () => {
    const look = folder.directory()
    const before = '2026-06-01T07:59:59.999Z'
    expect(await look.groupsOf('p3', before)).toEqual(['crew'])
    expect(await look.groupsOf('p3', NOW)).toEqual([])
    expect(await look.memberOfAny('p3', ['crew', 'past'], before)).toEqual(['crew'])
    expect(await look.memberOfAny('p3', ['crew', 'past'], NOW)).toEqual([])
    const members = async (now: string) => (await look.membersOf('crew', now)).map(({ id }) => id)
    expect(await members(before)).toEqual(['p1', 'p2', 'p3'])
    expect(await members(NOW)).toEqual(['p1', 'p2'])
  })

  it('are told of when they are over, with the group’s name', async () => {
    expect(await folder.directory().membershipsIn('p1', ['past', 'crew', 'none'])).toEqual([
      { groupId: 'crew', groupName: 'Crew', until: null },
      { groupId: 'past', groupName: 'Past', until: '2026-05-01T00:00:00.000Z' },
    ])
  })

  it('leave groups without members', async () => {
    const look = folder.directory()
    const groups = ['past', 'crew', 'empty', 'none']
    expect(await look.groupsWithoutMembers(groups, NOW)).toEqual(['empty', 'past'])
    expect(await look.groupsWithoutMembers(groups, '2026-04-30T00:00:00.000Z')).toEqual(['empty'])
    expect(await look.groupsWithoutMembers([], NOW)).toEqual([])
  })

  it('go on, end or end otherwise with the next import; of two lines the longer counts', async () => {
    await folder.write({
      'memberships.json': [
        { groupId: 'crew', personId: 'p2' },
        { groupId: 'crew', personId: 'p1', until: '2026-07-01T00:00:00Z' },
        { groupId: 'crew', personId: 'p1', until: '2026-06-15T00:00:00Z' },
        { groupId: 'crew', personId: 'p3', until: NOW },
        { groupId: 'crew', personId: 'p3' },
      ],
    })
    await folder.run()
    const look = folder.directory()
    const until = async (id: string) => (await look.membershipsIn(id, ['crew']))[0]?.until
    expect([await until('p1'), await until('p2'), await until('p3')]).toEqual([
      '2026-07-01T00:00:00.000Z',
      null,
      null,
    ])
  })
})
