import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type TestDatabase, testDatabase } from '@portcullis/postgres/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createDirectory, type Directory, importDirectory, migrateDirectory } from './index.ts'

const NOW = '2026-06-01T08:00:00.000Z'
const folder = fileURLToPath(new URL('../../../examples/northwind-harbour', import.meta.url))

const principal = z.object({ kind: z.enum(['user', 'group']), id: z.string() })
const catalogsSchema = z.object({
  catalogs: z.array(
    z.object({
      ownerIds: z.array(z.string()),
      managerIds: z.array(z.string()),
      resourceIds: z.array(z.string()),
    }),
  ),
  accessPackages: z.array(
    z.object({
      resourceRoles: z.array(z.object({ resourceId: z.string(), roleId: z.string() })),
      policies: z.array(
        z.object({
          terms: z.object({
            requestors: z.object({
              principals: z.array(principal).default([]),
              directoryIds: z.array(z.string()).default([]),
            }),
            approval: z.object({
              stages: z.array(z.object({ approvers: z.array(principal) })).default([]),
            }),
          }),
        }),
      ),
    }),
  ),
})

describe('the sample organisation', () => {
  let database: TestDatabase
  let directory: Directory
  let sample: z.infer<typeof catalogsSchema>
  beforeAll(async () => {
    database = await testDatabase()
    await migrateDirectory(database.pool)
    await importDirectory(database.pool, folder)
    directory = createDirectory(database.pool)
    sample = catalogsSchema.parse(JSON.parse(await readFile(`${folder}/catalogs.json`, 'utf8')))
  })
  afterAll(() => database.close())

  it('is imported as it is', async () => {
    expect(await directory.counts()).toEqual({
      people: 275,
      groups: 40,
      memberships: 819,
      resources: 12,
      externalDirectories: 3,
    })
    expect(await directory.person('carol')).toMatchObject({ directoryRoles: ['UserAdministrator'] })
    expect(await directory.person('dan')).toMatchObject({ directoryRoles: ['CatalogCreator'] })
    expect(await directory.memberOfAny('alice', ['marketing', 'sales'], NOW)).toEqual(['marketing'])
    expect(await directory.externalDirectoryByDomain('gullwing.example')).toMatchObject({
      id: 'gullwing-brokers',
      allowed: false,
      refusedBecause: 'has the domain gullwing-geneva.example, which is denied',
    })
    expect(await directory.externalDirectoryByDomain('FRAKTBÅT.example')).toMatchObject({
      id: 'baltic-freight',
    })
  })

  it('names only people, groups, directories, resources and roles that are in it', async () => {
    const terms = sample.accessPackages.flatMap(({ policies }) => policies.map((it) => it.terms))
    const principals = terms.flatMap(({ requestors, approval }) => [
      ...requestors.principals,
      ...approval.stages.flatMap((stage) => stage.approvers),
    ])
    const idsOf = (kind: string) => principals.filter((it) => it.kind === kind).map((it) => it.id)
    const missing = (wanted: readonly string[], found: ReadonlyMap<string, unknown>) =>
      wanted.filter((id) => !found.has(id))

    const people = [
      ...sample.catalogs.flatMap(({ ownerIds, managerIds }) => [...ownerIds, ...managerIds]),
      ...idsOf('user'),
    ]
    expect(missing(people, await directory.people(people))).toEqual([])
    expect(missing(idsOf('group'), await directory.groups(idsOf('group')))).toEqual([])
    const external = terms.flatMap(({ requestors }) => requestors.directoryIds)
    expect(missing(external, await directory.externalDirectories(external))).toEqual([])
    const used = sample.accessPackages.flatMap(({ resourceRoles }) => resourceRoles)
    const resources = await directory.resources([
      ...sample.catalogs.flatMap(({ resourceIds }) => resourceIds),
      ...used.map(({ resourceId }) => resourceId),
    ])
    const unknownRoles = used.filter(
      ({ resourceId, roleId }) => !resources.get(resourceId)?.roles.some(({ id }) => id === roleId),
    )
    expect(unknownRoles).toEqual([])
  })

  it('answers many at once as it answers each alone', async () => {
    const { rows } = await database.pool.query<{ person: string; group: string }>(
      'select person_id as person, group_id as group from portcullis_directory.memberships',
    )
    const ids = [...new Set(rows.map(({ person }) => person)), 'nobody']
    const some = [...new Set(rows.map(({ group }) => group))].filter((_, index) => index % 2 === 0)
    const ask = async (id: string, index: number) => {
      const wanted = index % 3 === 0 ? some.slice(0, 5) : some
      return {
        person: await directory.person(id),
        groups: await directory.groupsOf(id, NOW),
        wanted: await directory.memberOfAny(id, wanted, NOW),
      }
    }
    const atOnce = await Promise.all(ids.map(ask))
    for (const [index, id] of ids.entries()) expect(atOnce[index]).toEqual(await ask(id, index))
    expect(atOnce.at(-1)).toEqual({ person: undefined, groups: [], wanted: [] })
    expect(atOnce.flatMap(({ groups }) => groups)).toHaveLength(rows.length)
  })

  it('has every catalog created by somebody who may', async () => {
    const creators = await directory.people(
      sample.catalogs.flatMap(({ ownerIds }) => ownerIds.slice(0, 1)),
    )
    for (const creator of creators.values())
      expect(creator).toMatchObject({ enabled: true, directoryRoles: ['CatalogCreator'] })
    expect(creators.size).toBeGreaterThan(0)
  })
})
