import type pg from 'pg'
import type { Description } from './directory.ts'

interface Known {
  readonly id: string
  readonly userName: string
  readonly email: string
}

/** See `Directory.matchPeople`. */
export const matchPeople = async (
  pool: Pick<pg.Pool, 'query'>,
  descriptions: readonly Description[],
): Promise<readonly (readonly string[])[]> => {
  const texts = (field: keyof Description): readonly string[] =>
    descriptions.flatMap((description) => description[field] || [])
  const { rows } = await pool.query<Known>(
    `select id, lower(user_name) as "userName", lower(email) as email from portcullis_directory.people
      where id = any($1)
         or lower(user_name) in (select lower(t) from unnest($2::text[]) t)
         or lower(email) in (select lower(t) from unnest($3::text[]) t)`,
    [texts('subjectId'), texts('userName'), texts('email')],
  )
  const ids = new Set(rows.map(({ id }) => id))
  const byName = Map.groupBy(rows, ({ userName }) => userName)
  const byEmail = Map.groupBy(rows, ({ email }) => email)
  const idsOf = (people: readonly Known[] = []) => people.map(({ id }) => id)
  return descriptions.map(({ subjectId, userName, email }) => {
    const sure = new Set(idsOf(userName === null ? [] : byName.get(userName.toLowerCase())))
    if (subjectId !== null && ids.has(subjectId)) sure.add(subjectId)
    if (sure.size > 0) return [...sure].sort()
    return idsOf(email ? byEmail.get(email.toLowerCase()) : []).sort()
  })
}
