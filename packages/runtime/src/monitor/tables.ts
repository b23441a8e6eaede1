import type pg from 'pg'

/** What the database's tables have been brought up to: how many migrations by part, and the version of each view. */
export type TableVersions = ReadonlyMap<string, number>

/** @throws what the database throws, also when its tables are gone */
export const readTableVersions = async (pool: pg.Pool): Promise<TableVersions> => {
  const { rows } = await pool.query<{ name: string; version: number }>(
    `select 'migrations of ' || part as name, count(*)::int as version
       from portcullis_migrations.applied group by part
     union all select 'view ' || name, version from portcullis_views.projections`,
  )
  return new Map(rows.map(({ name, version }) => [name, version]))
}

/** Parts that are older than `needed`, or missing. Newer ones are a newer release's, which keeps what this one uses. */
export const olderThan = (needed: TableVersions, found: TableVersions): readonly string[] =>
  [...needed].filter(([name, version]) => (found.get(name) ?? 0) < version).map(([name]) => name)
