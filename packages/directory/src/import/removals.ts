import { addMillis, type Instant } from '@portcullis/core'
import type { Sql } from '@portcullis/postgres'
import type { Kind } from './kinds.ts'
import type { RemovalLimits } from './limits.ts'
import { LARGE, MEASURES, type Measure, type RemovalKind, standing } from './measures.ts'

const DIRECTORY = 'portcullis_directory'
/** How many are named of those that go. */
const NAMED = 5

/** What goes of one kind. */
export interface Removal {
  readonly kind: RemovalKind
  readonly what: string
  readonly done: string
  readonly count: number
  /** How many more went by imports before this one, within the window of the limits, and aren't back. */
  readonly earlier: number
  /** How many there were. */
  readonly of: number
  /** Of the first, in order. For anybody who imports; never for the log. */
  readonly names: readonly string[]
  /** The files that it comes from. */
  readonly files: readonly Kind[]
}

export interface Stock {
  /** What has gone since, by kind; kinds of which nothing has gone are left out. */
  compare(): Promise<readonly Removal[]>
  /**
   * Remembers what has gone, after it was compared, so that imports which follow count it with theirs.
   * @param allowed somebody said that much may go: then counting begins anew
   */
  remember(allowed: boolean): Promise<void>
  /** How many enabled User administrators there were, and are now. */
  administrators(): Promise<{ readonly before: number; readonly after: number }>
}

const digest = (key: string): string => `sha256(convert_to(${key}, 'UTF8'))`

/**
 * Notes what is there before an import writes, within its transaction.
 * @param now which memberships count
 */
export const takeStock = async (
  sql: Sql,
  kinds: ReadonlySet<Kind>,
  now: Instant,
  { most, withinMillis }: RemovalLimits,
): Promise<Stock> => {
  const measures = MEASURES.filter(({ files }) => files.some((kind) => kinds.has(kind)))
  const instant = (millis: number): string => `'${addMillis(now, millis)}'`
  const textOf = (text: string, members: string): string =>
    text.replaceAll('$members', `(${members})`).replaceAll(LARGE, String(most))
  const keep = async (table: string, text: string): Promise<void> => {
    await sql.query(`create temp table ${table} on commit drop as ${text}`)
    await sql.query(`analyze ${table}`)
  }
  const countAdministrators = async (): Promise<number> => {
    const { rows } = await sql.query<{ count: number }>(
      `select count(*)::int as count from ${DIRECTORY}.people
        where enabled and 'UserAdministrator' = any(directory_roles)`,
    )
    return rows[0]?.count ?? 0
  }

  const present = `select * from ${DIRECTORY}.memberships where until is null or until > ${instant(0)}`
  for (const { kind, sql: text } of measures) await keep(`before_${kind}`, textOf(text, present))
  await keep('before_ends', `select * from (${present}) m where until is not null`)
  const before = await countAdministrators()

  // One whose end has been moved to within the window goes by this import, as if it were over already.
  const lasting = `select m.* from ${DIRECTORY}.memberships m
    left join before_ends b on b.group_id = m.group_id and b.person_id = m.person_id
   where m.until is null or m.until > ${instant(withinMillis)} or (m.until > ${instant(0)} and m.until >= b.until)`
  // A large group that has become a small one isn't empty.
  const after = ({ kind, sql: text }: Measure): string =>
    textOf(kind === 'largeGroups' ? standing('') : text, lasting)
  // What lies in the future was noted by a clock that was ahead.
  const window = `g.at > ${instant(-withinMillis)} and g.at <= ${instant(withinMillis)}`
  const among = (table: string, key: string): string =>
    `exists (select 1 from ${table} t where ${digest('t.key')} = ${key})`

  return {
    compare: async () => {
      const removals: Removal[] = []
      for (const measure of measures) {
        const { kind, what, done, files } = measure
        await keep(`after_${kind}`, after(measure))
        const { rows } = await sql.query<Pick<Removal, 'count' | 'earlier' | 'of' | 'names'>>(
          `select count(*) filter (where gone)::int as count, count(*)::int as of,
                  coalesce((array_agg(name order by name, key) filter (where gone))[1:${NAMED}], '{}') as names,
                  (select count(*)::int from ${DIRECTORY}.removals g where g.kind = '${kind}' and ${window}
                      and not ${among(`before_${kind}`, 'g.key')} and not ${among(`after_${kind}`, 'g.key')}) as earlier
             from (select b.key, b.name, a.key is null as gone from before_${kind} b
                     left join after_${kind} a on a.key = b.key) compared`,
        )
        const [row] = rows
        if (row !== undefined && row.count > 0) removals.push({ kind, what, done, files, ...row })
      }
      return removals
    },
    remember: async (allowed) => {
      for (const { kind } of measures) {
        await sql.query(
          `delete from ${DIRECTORY}.removals g where g.kind = '${kind}'
              and (${allowed} or not (${window}) or ${among(`after_${kind}`, 'g.key')})`,
        )
        if (!allowed)
          await sql.query(
            `insert into ${DIRECTORY}.removals (kind, key, at)
             select '${kind}', ${digest('b.key')}, ${instant(0)} from before_${kind} b
              where not exists (select 1 from after_${kind} a where a.key = b.key)
             on conflict (kind, key) do update set at = excluded.at`,
          )
      }
    },
    administrators: async () => ({ before, after: await countAdministrators() }),
  }
}
