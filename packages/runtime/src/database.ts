import { codeOf } from '@portcullis/core'
import { attachEmbeddedPostgres, startEmbeddedPostgres } from '@portcullis/embedded-postgres'
import { errorText, type Log } from '@portcullis/engine'
import {
  connectSession,
  lendsByTransaction,
  NoConnection,
  START_WAIT_MILLIS,
  underMigrationLock,
} from '@portcullis/postgres'
import { type Config, ConfigError } from './config.ts'
import { openDataFolder } from './dataFolder.ts'

/**
 * The database that DATABASE_URL, or another variable, names doesn't let us in; the message says why, never the address
 * with its password.
 */
export class DatabaseUnreachable extends Error {
  readonly code = 'database.unreachable'
  constructor(variable: string, cause: unknown) {
    super(`${variable}: the database can't be reached: ${errorText(cause)}; ${adviceOn(cause)}`, {
      cause,
    })
    this.name = 'DatabaseUnreachable'
  }
}

/** OpenSSL's names, as Node gives them, of a certificate whose authority isn't known. */
const UNKNOWN_AUTHORITY =
  /^(?:UNABLE_TO_(?:VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT(?:_LOCALLY)?)|(?:SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT)|CERT_(?:SIGNATURE_FAILURE|UNTRUSTED))$/

const adviceOn = (cause: unknown): string => {
  const code = codeOf(cause) ?? ''
  if (UNKNOWN_AUTHORITY.test(code))
    return 'name the file with the authority that signed its certificate by sslrootcert in the address'
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return 'address it by a name that is in its certificate'
  return 'check that it runs, and the host, port, user, password and database of the address'
}

/**
 * The configured database: DATABASE_URL, else the embedded one of the data folder.
 * @param embedded attach: it must run already. own: it is started, and stopped at the end
 * @throws DatabaseUnreachable, NoConnection, EmbeddedPostgresError, ConfigError
 */
export const openDatabase = async (
  config: Config,
  embedded: 'own' | 'attach',
  log: Log,
): Promise<{ readonly url: string; stop(): Promise<void> }> => {
  const { databaseUrl, dataDir } = config
  if (databaseUrl !== undefined) {
    await reach(databaseUrl, log)
    return { url: databaseUrl, stop: async () => {} }
  }
  if (embedded === 'attach') return attachEmbeddedPostgres(dataDir)
  await openDataFolder(dataDir)
  return startEmbeddedPostgres({ dataDir, log: (message) => log.info({}, message) })
}

/** What the log says while the server has no connection left. */
export const SERVER_FULL = 'the database server has no connection left; waiting for one'

/**
 * Connects once, so that a wrong address is told as such. Waits for a server that others have filled.
 * @param variable that holds it
 * @throws DatabaseUnreachable, NoConnection; ConfigError when there is a pooler in transaction mode
 */
export const reach = async (url: string, log: Log, variable = 'DATABASE_URL'): Promise<void> => {
  const open = async () => {
    const client = await connectSession({
      url,
      applicationName: 'portcullis',
      waitMillis: START_WAIT_MILLIS,
      onFull: (error) => log.warn({ error: errorText(error) }, SERVER_FULL),
    })
    // pg keeps it, and its types don't say so.
    const processId = 'processID' in client ? Number(client.processID) : undefined
    return { sql: client, processId, end: () => client.end().catch(() => {}) }
  }
  const pooled = await lendsByTransaction(open).catch((error: unknown) => {
    throw error instanceof NoConnection ? error : new DatabaseUnreachable(variable, error)
  })
  if (pooled)
    throw new ConfigError([
      `${variable}: the database is behind a pooler in transaction mode, and what the engine relies on lasts a session (locks, notifications): address the database itself, or a pooler in session mode (PgBouncer: pool_mode = session)`,
    ])
}

/**
 * Makes or upgrades tables, as the only one at it; the log says when another process is waited for.
 * @throws errors of connecting, and what `work` throws
 */
export const migrating = <Result>(
  url: string,
  log: Log,
  work: () => Promise<Result>,
): Promise<Result> =>
  underMigrationLock(
    url,
    () => log.info({}, 'another process brings the tables up to date; waiting for it'),
    work,
  )
