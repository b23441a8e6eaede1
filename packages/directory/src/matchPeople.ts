import type pg from 'pg'
import type { Description, Identity, Person, PersonKey, StableKeys } from './directory.ts'
import { PERSON } from './select.ts'

interface Known {
  readonly id: string
  readonly userName: string
  readonly email: string
  readonly externalId: string | null
}

/** See `Directory.matchPeople`. */
export const matchPeople = async (
  pool: Pick<pg.Pool, 'query'>,
  descriptions: readonly Description[],
): Promise<readonly (readonly string[])[]> => {
  const texts = (field: keyof Description): readonly string[] =>
    descriptions.flatMap((description) => description[field] || [])
  const { rows } = await pool.query<Known>(
    `select id, lower(user_name) as "userName", lower(email) as email, external_id as "externalId" from portcullis_directory.people
      where id = any($1) or external_id = any($1)
         or lower(user_name) in (select lower(t) from unnest($2::text[]) t)
         or lower(email) in (select lower(t) from unnest($3::text[]) t)`,
    [texts('subjectId'), texts('userName'), texts('email')],
  )
  const ids = new Set(rows.map(({ id }) => id))
  const byExternal = Map.groupBy(rows, ({ externalId }) => externalId)
  const byName = Map.groupBy(rows, ({ userName }) => userName)
  const byEmail = Map.groupBy(rows, ({ email }) => email)
  const idsOf = (people: readonly Known[] = []) => people.map(({ id }) => id)
  return descriptions.map(({ subjectId, userName, email }) => {
    const sure = new Set(idsOf(userName === null ? [] : byName.get(userName.toLowerCase())))
    if (subjectId !== null && ids.has(subjectId)) sure.add(subjectId)
    if (subjectId !== null) for (const { id } of byExternal.get(subjectId) ?? []) sure.add(id)
    if (sure.size > 0) return [...sure].sort()
    return idsOf(email ? byEmail.get(email.toLowerCase()) : []).sort()
  })
}

/** See `Directory.identities`. An external id or employee number that several people have tells nobody's account. */
export const identities = async (
  pool: Pick<pg.Pool, 'query'>,
  ids: readonly string[],
): Promise<readonly Identity[]> => {
  const others = (column: string) =>
    `exists (select 1 from portcullis_directory.people o where o.id <> p.id and o.${column} = p.${column})`
  const { rows } = await pool.query<Identity>(
    `select p.id, p.given_name as "givenName", p.family_name as "familyName",
        case when not ${others('external_id')} then p.external_id end as "externalId",
        case when not ${others('employee_number')} then p.employee_number end as "employeeNumber",
        exists (select 1 from portcullis_directory.people o
                 where o.id <> p.id and lower(o.user_name) = lower(p.user_name)) as "userNameShared",
        p.email <> '' and exists (select 1 from portcullis_directory.people o
                 where o.id <> p.id and lower(o.email) = lower(p.email)) as "emailShared"
       from portcullis_directory.people p where p.id = any($1)`,
    [ids],
  )
  return rows
}

const WITH: Readonly<Record<PersonKey, string>> = {
  id: 'p.id = $1',
  objectId: 'p.object_id = lower($1)',
  externalId: 'p.external_id = $1',
  employeeNumber: 'p.employee_number = $1',
  userName: 'lower(p.user_name) = lower($1)',
  email: 'lower(p.email) = lower($1)',
}

/** See `Directory.peopleWith`. */
export const peopleWith = async (
  pool: Pick<pg.Pool, 'query'>,
  field: PersonKey,
  value: string,
): Promise<readonly Person[]> => {
  const { rows } = await pool.query<Person>(
    `select ${PERSON} from portcullis_directory.people p where ${WITH[field]} order by p.id`,
    [value],
  )
  return rows
}

/** See `Directory.stableKeys`. */
export const stableKeys = async (
  pool: Pick<pg.Pool, 'query'>,
  id: string,
): Promise<StableKeys | undefined> => {
  const { rows } = await pool.query<StableKeys>(
    `select object_id as "objectId", external_id as "externalId", employee_number as "employeeNumber"
       from portcullis_directory.people where id = $1`,
    [id],
  )
  return rows[0]
}
