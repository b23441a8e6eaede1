import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startWithSettings } from '@portcullis/embedded-postgres'
import pg from 'pg'
import { createPool } from '../pool.ts'

/** Where the run's server is, for every test process. */
export const TEST_DATABASE_URL = 'PORTCULLIS_TEST_DATABASE_URL'

export interface TestServer {
  readonly url: string
  stop(): Promise<void>
}

export interface TestServerOptions {
  /** 400 when absent. */
  readonly maxConnections?: number
  /** More settings, as `ssl=on`. */
  readonly settings?: readonly string[]
}

/** A server in a temporary folder. It doesn't wait for the disk: tests survive a killed process, not a power cut. */
export const startTestServer = async ({
  maxConnections = 400,
  settings = [],
}: TestServerOptions = {}): Promise<TestServer> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'portcullis-test-'))
  // As root the server runs under another user, who must get in.
  await chmod(folder, 0o755)
  const server = await startWithSettings({ dataDir: folder, log: () => {} }, [
    'fsync=off',
    'full_page_writes=off',
    `max_connections=${maxConnections}`,
    ...settings,
  ])
  return {
    url: server.url,
    stop: async () => {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export interface TestDatabase {
  readonly url: string
  readonly pool: pg.Pool
  /** Drops the database, no matter who is still connected. */
  close(): Promise<void>
}

let ownServer: Promise<TestServer> | undefined
let users = 0

const withClient = async (url: string, statement: string): Promise<void> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}

/**
 * A fresh, empty database: on the run's server when there is one, else on one of this process that ends with its last
 * database.
 */
export const testDatabase = async (): Promise<TestDatabase> => {
  let serverUrl = process.env[TEST_DATABASE_URL]
  const own = serverUrl === undefined
  if (serverUrl === undefined) {
    users += 1
    ownServer ??= startTestServer()
    serverUrl = (await ownServer).url
  }
  const name = `test_${randomBytes(8).toString('hex')}`
  await withClient(serverUrl, `create database ${name}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  const pool = createPool(url.href, { max: 10, applicationName: 'test' })
  return {
    url: url.href,
    pool,
    close: async () => {
      await pool.end()
      await withClient(serverUrl, `drop database ${name} with (force)`)
      if (!own) return
      users -= 1
      if (users > 0) return
      const server = await ownServer
      ownServer = undefined
      await server?.stop()
    },
  }
}
