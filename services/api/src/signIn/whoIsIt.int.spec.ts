import { createDirectory, migrateDirectory } from '@portcullis/directory'
import { type TestDatabase, testDatabase } from '@portcullis/postgres/testing'
import type { JWTPayload } from 'jose'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { migrateSignIn } from './sessionTables.ts'
import { createSignInRecords } from './signInRecords.ts'
import { type WhoIsIt, whoIsIt } from './whoIsIt.ts'

const ISSUER = 'https://id.example'
const uuid = (n: number) => `2f1e7a52-5b0e-4b9e-8d0c-00000000000${n}`
const RULES = [
  { claim: 'oid', field: 'objectId' },
  { claim: 'number', field: 'employeeNumber' },
  { claim: 'preferred_username', field: 'userName' },
  { claim: 'email', field: 'email' },
] as const

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
  await migrateDirectory(database.pool)
  await migrateSignIn(database.pool)
})
afterAll(() => database.close())
beforeEach(async () => {
  await database.pool.query('delete from portcullis_sign_in.identities')
  await database.pool.query('delete from portcullis_directory.people')
  await know('alice', { object: uuid(1) })
  await know('bob', {})
  await know('carol', { name: 'shared' })
  await know('carl', { name: 'Shared' })
  await know('gone', { object: uuid(3), enabled: false })
  await know('old-dave', { name: 'dave', enabled: false })
  await know('new-dave', { name: 'Dave' })
  await know('numbered', { number: '17' })
})
const know = (
  id: string,
  person: { object?: string; name?: string; enabled?: boolean; number?: string },
) =>
  database.pool.query(
    `insert into portcullis_directory.people (id, user_name, display_name, email, enabled, directory_roles, object_id, employee_number)
     values ($1, $2, $1, $1 || '@example.org', $3, '{}', $4, $5)
     on conflict (id) do update set user_name = $2, object_id = $4`,
    [id, person.name ?? id, person.enabled ?? true, person.object ?? null, person.number ?? null],
  )

const come = async (sub: string, claims: JWTPayload = {}, issuer = ISSUER): Promise<string> => {
  const who = await whoIsIt(
    { issuer, claims: { ...claims, sub } },
    {
      directory: createDirectory(database.pool),
      records: createSignInRecords(database.pool),
      rules: RULES,
      clock: { now: () => '2026-06-01T08:00:00.000Z' },
    },
  )
  return shown(who)
}
const shown = (who: WhoIsIt): string =>
  who.ok ? who.person.id : `${who.code}: ${who.people.join()}`

it.each<[string, JWTPayload, string]>([
  ['an object id', { oid: uuid(1) }, 'alice'],
  ['an object id in capitals', { oid: uuid(1).toUpperCase() }, 'alice'],
  ['an object id before a name', { oid: uuid(1), preferred_username: 'bob' }, 'alice'],
  ['a number', { number: '17' }, 'numbered'],
  ['a user name, whatever its case', { preferred_username: 'BOB' }, 'bob'],
  ['a checked address', { email: 'bob@example.org', email_verified: true }, 'bob'],
  ['an address that nobody checked', { email: 'bob@example.org' }, 'nobody: '],
  [
    'an address that says it is checked',
    { email: 'bob@example.org', email_verified: 'true' },
    'nobody: ',
  ],
  ['a name that two have', { preferred_username: 'shared' }, 'several: carl,carol'],
  [
    'the name of somebody who left, whom somebody else has it from',
    { preferred_username: 'dave' },
    'new-dave',
  ],
  ['the object id of somebody who left', { oid: uuid(3) }, 'disabled: gone'],
  [
    'an unknown object id and a name of nobody with one',
    { oid: uuid(9), preferred_username: 'bob' },
    'bob',
  ],
  [
    'another object id and the name of somebody with one',
    { oid: uuid(9), preferred_username: 'alice' },
    'conflict: alice',
  ],
  [
    'another number and the name of somebody with one',
    { number: '18', preferred_username: 'numbered' },
    'conflict: numbered',
  ],
  ['nothing', {}, 'nobody: '],
  ['a list instead of a name', { preferred_username: ['bob'] }, 'nobody: '],
  ['an endless name', { preferred_username: 'b'.repeat(2000) }, 'nobody: '],
  ['a name with a zero byte', { preferred_username: 'bob\0' }, 'nobody: '],
  [
    'groups and roles that claim much',
    { groups: ['bob'], roles: ['UserAdministrator'] },
    'nobody: ',
  ],
])('by %s', async (_what, claims, expected) => {
  expect(await come('s1', claims)).toBe(expected)
})

it('whom an account was linked to it stays, whatever they are called later', async () => {
  expect(await come('s1', { preferred_username: 'bob' })).toBe('bob')
  expect(await come('s1', { preferred_username: 'carol' })).toBe('bob')
  expect(await come('s1')).toBe('bob')
  const [link] = await createSignInRecords(database.pool).linksOf('bob')
  expect(link).toMatchObject({
    issuer: ISSUER,
    subject: 's1',
    linkedBy: 'preferred_username:userName',
  })
})

it('an account of another issuer is another account', async () => {
  expect(await come('s1', { preferred_username: 'bob' })).toBe('bob')
  expect(await come('s1', { preferred_username: 'numbered' }, 'https://other.example')).toBe(
    'numbered',
  )
})

it('a name that goes to somebody else’s account takes nobody over', async () => {
  expect(await come('s1', { preferred_username: 'bob' })).toBe('bob')
  expect(await come('s2', { preferred_username: 'bob' })).toBe('conflict: bob')
  expect(await come('s2', { email: 'bob@example.org', email_verified: true })).toBe('conflict: bob')
})

it('an object id lets a second account of the same person in: the client was registered anew', async () => {
  expect(await come('s1', { oid: uuid(1) })).toBe('alice')
  expect(await come('s2', { oid: uuid(1) })).toBe('alice')
})

it('a stable claim that finds somebody else than the link is a conflict, not a move', async () => {
  expect(await come('s1', { preferred_username: 'bob' })).toBe('bob')
  expect(await come('s1', { oid: uuid(1) })).toBe('conflict: bob,alice')
  expect(await come('s1')).toBe('bob')
})

it('of two accounts that find a person by a name at one moment, one is theirs', async () => {
  const subjects = Array.from({ length: 8 }, (_, n) => `s${n}`)
  const outcomes = await Promise.all(
    subjects.map((sub) => come(sub, { preferred_username: 'bob' })),
  )
  expect(outcomes.filter((outcome) => outcome === 'bob')).toHaveLength(1)
  expect(outcomes.filter((outcome) => outcome === 'conflict: bob')).toHaveLength(7)
})

it('one account that comes twice at one moment is linked once', async () => {
  const outcomes = await Promise.all(Array.from({ length: 8 }, () => come('s1', { oid: uuid(1) })))
  expect(new Set(outcomes)).toEqual(new Set(['alice']))
  expect(await createSignInRecords(database.pool).linksOf('alice')).toHaveLength(1)
})

it('a link that is taken back lets the person in anew', async () => {
  const records = createSignInRecords(database.pool)
  await come('s1', { preferred_username: 'bob' })
  const [link] = await records.linksOf('bob')
  expect((await records.unlink(link?.id ?? ''))?.personId).toBe('bob')
  expect(await come('s2', { preferred_username: 'bob' })).toBe('bob')
})
