import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestDatabase, testDatabase } from '@portcullis/postgres/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { importDirectory } from './import/importDirectory.ts'
import { createDirectory } from './lookups.ts'
import { migrateDirectory } from './migrations.ts'

const ONE = '2f1e7a52-5b0e-4b9e-8d0c-6a5f0f3d9c11'
const TWO = '2f1e7a52-5b0e-4b9e-8d0c-6a5f0f3d9c12'

let db: TestDatabase
let folder = ''
beforeAll(async () => {
  db = await testDatabase()
  await migrateDirectory(db.pool)
  folder = await mkdtemp(join(tmpdir(), 'portcullis-object-ids-'))
})
afterAll(async () => {
  await db.close()
  await rm(folder, { recursive: true, force: true })
})

const people = async (rows: readonly string[]) => {
  await writeFile(
    join(folder, 'people.csv'),
    ['id,userName,displayName,email,objectId,employeeNumber', ...rows, ''].join('\n'),
  )
  return importDirectory(db.pool, folder)
}
const ids = async (
  ...[field, value]: Parameters<ReturnType<typeof createDirectory>['peopleWith']>
) => (await createDirectory(db.pool).peopleWith(field, value)).map(({ id }) => id)

it('people are found by what tells them: names whatever their case, ids as they are', async () => {
  await people([
    `alice,Alice.Moreau,Alice,alice@example.org,${ONE.toUpperCase()},7`,
    'bob,bob,Bob,shared@example.org,,8',
    'carol,carol,Carol,Shared@example.org,,8',
  ])
  expect(await ids('objectId', ONE)).toEqual(['alice'])
  expect(await ids('objectId', ONE.toUpperCase())).toEqual(['alice'])
  expect(await ids('objectId', TWO)).toEqual([])
  expect(await ids('objectId', '')).toEqual([])
  expect(await ids('userName', 'alice.MOREAU')).toEqual(['alice'])
  expect(await ids('email', 'SHARED@example.org')).toEqual(['bob', 'carol'])
  expect(await ids('employeeNumber', '8')).toEqual(['bob', 'carol'])
  expect(await ids('id', 'alice')).toEqual(['alice'])
  expect(await ids('id', 'Alice')).toEqual([])
  expect(await ids('externalId', "x' or true --")).toEqual([])
})

it('two lines with one object id, and one that is no UUID, are mistakes', async () => {
  await expect(
    people([
      `alice,a,Alice,a@example.org,${TWO},`,
      `bob,b,Bob,b@example.org,${TWO.toUpperCase()},`,
    ]),
  ).rejects.toThrow(new RegExp(`people.csv line 3: objectId: ${TWO} is already on line 2`))
  await expect(people(['alice,a,Alice,a@example.org,not-one,'])).rejects.toThrow(
    /people.csv line 2: objectId: is not a UUID/,
  )
})

it('a file in JSON, all on one line, may have many people without one', async () => {
  const json = await mkdtemp(join(tmpdir(), 'portcullis-object-ids-'))
  const person = (id: string) => ({ id, userName: id, displayName: id, email: `${id}@example.org` })
  await writeFile(join(json, 'people.json'), JSON.stringify(['x', 'y', 'z'].map(person)))
  await importDirectory(db.pool, json, { allowRemovals: true })
  await rm(json, { recursive: true, force: true })
  expect(await ids('id', 'y')).toEqual(['y'])
})
