import { createPool, inTransaction, migrate } from '@portcullis/postgres'
import pg from 'pg'
import { migrations, PART } from './schema.ts'

/**
 * What a role that isn't the owner needs to read the log, to append to it, and to keep account of its own tables.
 * Nothing changes or deletes.
 */
const grantsTo = (role: string): string => `
grant usage on schema portcullis_events, portcullis_migrations to ${role};
grant select, insert on portcullis_events.events to ${role};
grant execute on all functions in schema portcullis_events to ${role};
grant select, insert on portcullis_migrations.applied to ${role};`

/**
 * Makes or upgrades the tables of the log as the role that owns them.
 * @param url of that role
 * @param engine the role that engines use, which is granted what it needs and no more; nothing is granted when it is
 *   the owner itself
 * @throws MigrationError, errors of connecting
 */
export const migrateLogAsOwner = async (url: string, engine: string): Promise<void> => {
  const pool = createPool(url, { max: 1, applicationName: 'portcullis migrate' })
  try {
    await migrate(pool, PART, migrations)
    await inTransaction(pool, async (tx) => {
      const { rows } = await tx.query<{ owner: boolean }>(
        'select current_user = $1::text as owner',
        [engine],
      )
      if (rows[0]?.owner !== true) await tx.query(grantsTo(pg.escapeIdentifier(engine)))
    })
  } finally {
    await pool.end()
  }
}
