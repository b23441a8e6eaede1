import { type TestDatabase, testDatabase } from '@portcullis/postgres/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDirectory } from './lookups.ts'
import { migrateDirectory } from './migrations.ts'

describe('matching what a target knows to people', () => {
  let db: TestDatabase
  beforeAll(async () => {
    db = await testDatabase()
    await migrateDirectory(db.pool)
    await db.pool.query(`insert into portcullis_directory.people
      (id, user_name, display_name, email, enabled, locale, external_directory_id, directory_roles) values
      ('alice', 'Alice.Moreau', 'Alice', 'alice@example.org', true, 'en', null, '{}'),
      ('bob', 'bob', 'Bob', 'shared@example.org', true, 'en', null, '{}'),
      ('carol', 'carol', 'Carol', 'Shared@example.org', false, 'en', null, '{}'),
      ('mute', 'mute', 'Mute', '', true, 'en', null, '{}')`)
  })
  afterAll(() => db.close())

  it.each([
    ['the id', { subjectId: 'alice' }, ['alice']],
    ['the id as it is written', { subjectId: 'ALICE' }, []],
    ['the user name, whatever its case', { userName: 'alice.MOREAU' }, ['alice']],
    ['the address, whatever its case', { email: 'ALICE@example.org' }, ['alice']],
    ['an id that nobody has, and a user name', { subjectId: 'x', userName: 'bob' }, ['bob']],
    ['an address that two have', { email: 'shared@EXAMPLE.org' }, ['bob', 'carol']],
    [
      'a user name before the address',
      { userName: 'carol', email: 'alice@example.org' },
      ['carol'],
    ],
    [
      'an id and a user name of two people',
      { subjectId: 'alice', userName: 'bob' },
      ['alice', 'bob'],
    ],
    ['no address', { email: '' }, []],
    ['nothing', {}, []],
  ])('by %s', async (_, known, found) => {
    const nothing = { subjectId: null, userName: null, email: null }
    const directory = createDirectory(db.pool)
    expect(await directory.matchPeople([nothing, { ...nothing, ...known }])).toEqual([[], found])
  })
})
