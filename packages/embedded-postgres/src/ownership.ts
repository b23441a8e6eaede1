import pg from 'pg'
import { type Cluster, DATABASE, SUPERUSER } from './cluster.ts'

/**
 * The engine that owns a server holds this session lock in it: the one who gets it is the only owner, and the lock goes
 * when the owner dies, however it dies.
 */
const OWNER_LOCK = 7_274_011_001

export interface OwnerConnection {
  readonly client: pg.Client
  readonly version: string
}

export type Claim =
  /** We own the server now. */
  | { readonly kind: 'owned'; readonly connection: OwnerConnection }
  /** A living process owns it. */
  | { readonly kind: 'taken'; readonly by: string }
  /** It doesn't take connections (yet, or any more). */
  | { readonly kind: 'silent'; readonly error: unknown }

/** Address of a database of the cluster, password included: never log it. */
export const urlOf = (cluster: Cluster, port: number, database: string = DATABASE): string =>
  `postgresql://${SUPERUSER}:${encodeURIComponent(cluster.password)}@127.0.0.1:${port}/${database}`

const connect = async (
  cluster: Cluster,
  port: number,
  applicationName: string,
): Promise<pg.Client> => {
  const client = new pg.Client({
    connectionString: urlOf(cluster, port, 'postgres'),
    application_name: applicationName,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
  })
  // Told to the one who holds the connection; without a listener the process would end.
  client.on('error', () => {})
  try {
    await client.connect()
    return client
  } catch (error) {
    await client.end().catch(() => {})
    throw error
  }
}

const versionOf = async (client: pg.Client): Promise<string> => {
  const { rows } = await client.query<{ version: string }>(
    "select current_setting('server_version') as version",
  )
  return rows[0]?.version ?? 'unknown'
}

/** Tries to become the owner of the server that listens on that port; makes our database if it isn't there. */
export const claim = async (cluster: Cluster, port: number): Promise<Claim> => {
  let client: pg.Client | undefined
  try {
    client = await connect(cluster, port, `portcullis owner, process ${process.pid}`)
    const { rows } = await client.query<{ owned: boolean }>(
      'select pg_try_advisory_lock($1) as owned',
      [OWNER_LOCK],
    )
    if (rows[0]?.owned !== true) {
      const holder = await client.query<{ application_name: string }>(
        `select a.application_name from pg_locks l join pg_stat_activity a using (pid)
          where l.locktype = 'advisory' and l.granted
            and l.objid::bigint = $1::bigint & 4294967295 and l.classid::bigint = $1::bigint >> 32`,
        [OWNER_LOCK],
      )
      await client.end()
      return { kind: 'taken', by: holder.rows[0]?.application_name ?? 'another process' }
    }
    const existing = await client.query('select 1 from pg_database where datname = $1', [DATABASE])
    if (existing.rowCount === 0) await client.query(`create database ${DATABASE}`)
    return { kind: 'owned', connection: { client, version: await versionOf(client) } }
  } catch (error) {
    await client?.end().catch(() => {})
    return { kind: 'silent', error }
  }
}

/** The server's version, when one answers on that port with our password; undefined when not. */
export const answers = async (cluster: Cluster, port: number): Promise<string | undefined> => {
  try {
    const client = await connect(cluster, port, 'portcullis')
    try {
      return await versionOf(client)
    } finally {
      await client.end()
    }
  } catch {
    return undefined
  }
}
