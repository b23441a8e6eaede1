import { beforeEach, describe, expect, it } from 'vitest'
import { DirectoryImportHeld } from './brake.ts'
import { importFolder } from './importFolder.fixture.ts'
import {
  ALL,
  csv,
  idOf,
  memberships,
  numbers,
  people,
  personLine,
} from './largeOrganisation.fixture.ts'

const folder = importFolder()
const LIMITS = { most: 10, share: 0.05, withinMillis: 86_400_000 }

/** So many hours after the first import. */
const at = (hours: number): string =>
  new Date(Date.parse('2026-06-01T08:00:00.000Z') + hours * 3_600_000).toISOString()

type Files = Readonly<Record<string, string | object>>
/** What comes of an import of these files; groups that nobody is left in are another matter. */
const comes = async (
  files: Files,
  options: Parameters<typeof folder.run>[0],
): Promise<readonly string[]> => {
  await folder.empty()
  await folder.write(files)
  try {
    const { removals } = await folder.run({ limits: LIMITS, ...options })
    return removals
      .filter(({ kind }) => kind !== 'groups')
      .map(({ kind, count, earlier }) => `${kind} ${count}+${earlier}`)
  } catch (error) {
    if (!(error instanceof DirectoryImportHeld)) throw error
    return error.holds.map((hold) =>
      hold.code === 'last-administrator'
        ? hold.code
        : `held: ${hold.removal.kind} ${hold.removal.count}+${hold.removal.earlier} of ${hold.removal.of}`,
    )
  }
}
/** The people file without the first so many. */
const without = (count: number): Files => ({
  'people.csv': people(
    numbers(40)
      .slice(count)
      .map((n) => personLine(n)),
  ),
})

beforeEach(async () => {
  await folder.write(ALL)
  await folder.run({ now: at(0) })
})

describe('imports that take a little away each', () => {
  it('may take away together what one may, and not one more', async () => {
    expect(await comes(without(4), { now: at(0.2) })).toEqual(['people 4+0'])
    expect(await comes(without(8), { now: at(0.4) })).toEqual(['people 4+4'])
    expect(await comes(without(12), { now: at(0.6) })).toEqual(['held: people 4+8 of 33'])
    // What was held hasn't gone.
    expect(await comes(without(10), { now: at(0.8) })).toEqual(['people 2+8'])
    expect(await comes(without(11), { now: at(1) })).toEqual(['held: people 1+10 of 31'])
    expect(await comes(without(10), { now: at(1) })).toEqual([])
  })

  it('may go on when what went has been gone for longer than the window', async () => {
    expect(await comes(without(8), { now: at(1) })).toEqual(['people 8+0'])
    expect(await comes(without(12), { now: at(24.9) })).toEqual(['held: people 4+8 of 33'])
    expect(await comes(without(12), { now: at(25) })).toEqual(['people 4+0'])
    const hour = { ...LIMITS, withinMillis: 3_600_000 }
    expect(await comes(without(22), { now: at(25.9), limits: hour })).toEqual([
      'held: people 10+4 of 29',
    ])
    expect(await comes(without(22), { now: at(26), limits: hour })).toEqual(['people 10+0'])
  })

  it('count each by itself where there is no window', async () => {
    const alone = { ...LIMITS, withinMillis: 0 }
    expect(await comes(without(10), { now: at(1), limits: alone })).toEqual(['people 10+0'])
    expect(await comes(without(20), { now: at(1), limits: alone })).toEqual(['people 10+0'])
  })

  it('don’t count who is back, and count once who goes again', async () => {
    expect(await comes(without(9), { now: at(1) })).toEqual(['people 9+0'])
    expect(await comes(without(0), { now: at(2) })).toEqual([])
    expect(await comes(without(9), { now: at(3) })).toEqual(['people 9+0'])
    expect(await comes(without(5), { now: at(4) })).toEqual([])
    expect(await comes(without(10), { now: at(5) })).toEqual(['people 5+5'])
  })

  it('count anew after somebody allowed it', async () => {
    expect(await comes(without(10), { now: at(1) })).toEqual(['people 10+0'])
    expect(await comes(without(20), { now: at(2), allowRemovals: true })).toEqual(['people 10+10'])
    expect(await comes(without(24), { now: at(3) })).toEqual(['people 4+0'])
  })

  it('tell the same before, and a dry run counts for nothing', async () => {
    expect(await comes(without(6), { now: at(1), dryRun: true })).toEqual(['people 6+0'])
    expect(await comes(without(6), { now: at(1) })).toEqual(['people 6+0'])
    await folder.empty()
    await folder.write(without(12))
    const dry = await folder.run({ now: at(2), limits: LIMITS, dryRun: true })
    expect(dry.holds).toMatchObject([{ code: 'too-many', allowed: 10 }])
    expect(dry.removals[0]).toMatchObject({ kind: 'people', count: 6, earlier: 6 })
    await expect(folder.run({ now: at(2), limits: LIMITS })).rejects.toThrow(
      'and 1 more, besides 6 that went within 24 hours (without being told so, imports take away at most 10)',
    )
  })

  it.each([
    [
      'memberships',
      (count: number): Files => ({
        'memberships.csv': memberships([
          ...numbers(40)
            .slice(count)
            .map((n) => `staff,${idOf(n)},`),
          ...numbers(12).map((n) => `team,${idOf(n)},`),
        ]),
      }),
      'held: memberships 5+10 of 42',
    ],
    [
      'resourceOwners',
      (count: number): Files => ({
        'resource-owners.csv': csv(
          'resourceId,personId',
          numbers(15)
            .slice(count)
            .map((n) => `r${n},${idOf(n)}`),
        ),
      }),
      'held: resourceOwners 4+10 of 5',
    ],
    [
      'resourceTargets',
      (count: number): Files => ({
        'resources.csv': csv(
          'id,kind,displayName,connector,externalId,ownerIds',
          numbers(15).map(
            (n) => `r${n},application,R ${n},${n < count ? 'file' : 'scim'},x${n},${idOf(n)}`,
          ),
        ),
      }),
      'held: resourceTargets 4+10 of 15',
    ],
  ])('add up for %s, too', async (kind, files, held) => {
    expect(await comes(files(5), { now: at(1) })).toEqual([`${kind} 5+0`])
    expect(await comes(files(10), { now: at(2) })).toEqual([`${kind} 5+5`])
    expect(await comes(files(kind === 'memberships' ? 15 : 14), { now: at(3) })).toEqual([held])
  })

  it('of a directory that one in twenty is much of, count what there was before the first', async () => {
    const many = (from: number): Files => ({
      'people.csv': people(
        numbers(400)
          .slice(from)
          .map((n) => personLine(n)),
      ),
    })
    await comes(many(0), { now: at(1) })
    const sums: (readonly string[])[] = []
    for (const from of [9, 18, 20, 21])
      sums.push(await comes(many(from), { now: at(1 + from / 60) }))
    expect(sums).toEqual([
      ['people 9+0'],
      ['people 9+9'],
      ['people 2+18'],
      ['held: people 1+20 of 381'],
    ])
  })
})

describe('memberships that are said to end soon', () => {
  const ending = (until: string) => ({
    'memberships.csv': ALL['memberships.csv'].replaceAll(/,$/gm, `,${until}`),
  })

  it('go as much as those that have ended', async () => {
    expect(await comes(ending(at(1.01)), { now: at(1) })).toEqual([
      'held: memberships 52+0 of 52',
      'held: largeGroups 2+0 of 2',
    ])
    expect(await comes(ending(at(25)), { now: at(1) })).toEqual([
      'held: memberships 52+0 of 52',
      'held: largeGroups 2+0 of 2',
    ])
    expect(await comes(ending(at(25.1)), { now: at(1) })).toEqual([])
  })

  it('don’t go by an import that leaves their ends as they are, or puts them off', async () => {
    expect(await comes(ending(at(30)), { now: at(1) })).toEqual([])
    expect(await comes(ending(at(30)), { now: at(29) })).toEqual([])
    expect(await comes(ending(at(31)), { now: at(29) })).toEqual([])
    expect(await comes(ending(at(30.9)), { now: at(29) })).toEqual([
      'held: memberships 52+0 of 52',
      'held: largeGroups 2+0 of 2',
    ])
  })
})

describe('what tells whose an account is, and where somebody belongs', () => {
  const HEAD =
    'id,userName,displayName,email,enabled,directoryRoles,externalDirectoryId,externalId,employeeNumber,objectId'
  const file = (of: (n: number) => string): Files => ({
    'people.csv': csv(HEAD, [
      'admin,admin,The admin,admin@example.org,true,UserAdministrator,,,,',
      ...numbers(40).map((n) => `${personLine(n)},${of(n)}`),
    ]),
  })
  const uuid = (n: number) => `2f1e7a52-5b0e-4b9e-8d0c-${String(n).padStart(12, '0')}`
  const FULL = (n: number) => `d${n % 12},x${n},${n},${uuid(n)}`
  beforeEach(async () => {
    await comes(file(FULL), { now: at(0), allowRemovals: true })
  })

  it('is given for the first time without anything going', async () => {
    await comes(
      file(() => ',,,'),
      { now: at(1), allowRemovals: true },
    )
    expect(
      await comes(
        file((n) => `,x${n},${n},${uuid(n)}`),
        { now: at(2) },
      ),
    ).toEqual([])
  })

  it.each([
    [
      'another employee number',
      (n: number) => `d${n % 12},x${n},${n + 1},${uuid(n)}`,
      'employeeNumbers',
    ],
    ['no employee number', (n: number) => `d${n % 12},x${n},,${uuid(n)}`, 'employeeNumbers'],
    ['another object id', (n: number) => `d${n % 12},x${n},${n},${uuid(n + 100)}`, 'objectIds'],
    ['no object id', (n: number) => `d${n % 12},x${n},${n},`, 'objectIds'],
    ['another external id', (n: number) => `d${n % 12},x${n + 1},${n},${uuid(n)}`, 'externalIds'],
    [
      'another external directory',
      (n: number) => `d${(n + 1) % 12},x${n},${n},${uuid(n)}`,
      'homes',
    ],
    ['no external directory', (n: number) => `,x${n},${n},${uuid(n)}`, 'homes'],
  ])('stops at %s', async (_what, of, kind) => {
    const total = kind === 'homes' ? 41 : 40
    expect(await comes(file(of), { now: at(1) })).toEqual([`held: ${kind} 40+0 of ${total}`])
  })
})
