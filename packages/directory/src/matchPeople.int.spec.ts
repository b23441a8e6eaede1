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
      (id, user_name, display_name, email, enabled, locale, external_directory_id, directory_roles, external_id, employee_number) values
      ('alice', 'Alice.Moreau', 'Alice', 'alice@example.org', true, 'en', null, '{}', null, null),
      ('bob', 'bob', 'Bob', 'shared@example.org', true, 'en', null, '{}', null, null),
      ('carol', 'carol', 'Carol', 'Shared@example.org', false, 'en', null, '{}', null, null),
      ('mute', 'mute', 'Mute', '', true, 'en', null, '{}', null, null),
      ('tom', 'tom', 'Tom', 'tom@example.org', false, 'en', null, '{}', 'X1', '17'),
      ('tom2', 'TOM', 'Tom', 'tom2@example.org', true, 'en', null, '{}', 'X2', '18'),
      ('ann', 'ann', 'Ann', 'ann@example.org', true, 'en', null, '{}', null, '19'),
      ('eve', 'eve', 'Eve', 'eve@example.org', true, 'en', null, '{}', null, '19')`)
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
    ['an id at somebody else’s', { subjectId: 'X1' }, ['tom']],
    ['a user name that two have, whatever its case', { userName: 'Tom' }, ['tom', 'tom2']],
    ['no address', { email: '' }, []],
    ['nothing', {}, []],
  ])('by %s', async (_, known, found) => {
    const nothing = { subjectId: null, userName: null, email: null }
    const directory = createDirectory(db.pool)
    expect(await directory.matchPeople([nothing, { ...nothing, ...known }])).toEqual([[], found])
  })

  it('tells what speaks for whose an account is, but nothing that two people have', async () => {
    const found = await createDirectory(db.pool).identities(['tom', 'ann', 'bob', 'mute', 'nobody'])
    const nothing = { externalId: null, employeeNumber: null, givenName: null, familyName: null }
    expect(Object.fromEntries(found)).toEqual({
      tom: {
        ...nothing,
        id: 'tom',
        externalId: 'X1',
        employeeNumber: '17',
        userNameShared: true,
        emailShared: false,
      },
      ann: { ...nothing, id: 'ann', userNameShared: false, emailShared: false },
      bob: { ...nothing, id: 'bob', userNameShared: false, emailShared: true },
      mute: { ...nothing, id: 'mute', userNameShared: false, emailShared: false },
    })
  })
})
