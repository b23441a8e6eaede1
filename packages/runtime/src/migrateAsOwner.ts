import type { Log } from '@portcullis/engine'
import { migrateLogAsOwner } from '@portcullis/event-store'
import { type Config, ConfigError } from './config.ts'
import { migrating, reach } from './database.ts'

/**
 * Makes or upgrades the tables of the log as the role of MIGRATION_DATABASE_URL, and grants the user of DATABASE_URL
 * what it needs of them.
 * @returns that user; undefined when there is no MIGRATION_DATABASE_URL, and nothing was done
 * @throws ConfigError, DatabaseUnreachable, MigrationError
 */
export const migrateAsOwner = async (
  { migrationDatabaseUrl, databaseUrl }: Pick<Config, 'migrationDatabaseUrl' | 'databaseUrl'>,
  log: Log,
): Promise<{ readonly engine: string } | undefined> => {
  if (migrationDatabaseUrl === undefined) return undefined
  const engine = databaseUrl === undefined ? '' : decodeURIComponent(new URL(databaseUrl).username)
  if (engine === '')
    throw new ConfigError([
      'MIGRATION_DATABASE_URL needs a DATABASE_URL that names the user of the engine, who is granted what it needs',
    ])
  await reach(migrationDatabaseUrl, log, 'MIGRATION_DATABASE_URL')
  await migrating(migrationDatabaseUrl, log, () => migrateLogAsOwner(migrationDatabaseUrl, engine))
  return { engine }
}
