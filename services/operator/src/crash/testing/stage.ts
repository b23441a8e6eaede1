import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { grantId } from '@portcullis/domain'
import { startEmbeddedPostgres } from '@portcullis/postgres'
import { type TestDatabase, testDatabase } from '@portcullis/postgres/testing'
import { readMemberships } from '@portcullis/provisioning'
import { startScimServer } from '@portcullis/provisioning/testing'
import type { Environment } from './engineProcess.ts'
import { type MailSink, startMailSink } from './mailSink.ts'
import { scimResources, subjects, userNameOf, writeOrganisation } from './organisation.ts'

/** Everything around the engine: its data folder and configuration, the targets, the mail server. */
export interface Stage {
  readonly dataDir: string
  /** With the organisation's CSV files. */
  readonly organisation: string
  readonly url: string
  readonly env: Environment
  readonly logFile: string
  readonly mails: MailSink
  /** What the targets hold now: grant ids, sorted; one that is there twice is there twice. */
  memberships(): Promise<readonly string[]>
  /** Ends everything that was started, a database without its engine too. */
  close(): Promise<void>
}

export interface StageOptions {
  /** `embedded`: of the engine's own, in the data folder. `server`: a DATABASE_URL. */
  readonly database: 'embedded' | 'server'
  readonly redisUrl?: string
  readonly seen: (sight: 'call' | 'mail') => void
}

const MEMBERSHIPS = 'memberships.csv'

export const openStage = async (options: StageOptions): Promise<Stage> => {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-crash-'))
  // As root the embedded PostgreSQL runs under another user, who must get in.
  await chmod(folder, 0o755)
  const dataDir = join(folder, 'data')
  const organisation = join(folder, 'organisation')
  await mkdir(dataDir, { mode: 0o711 })
  await mkdir(organisation)

  const scim = await startScimServer(() => options.seen('call'))
  const groups = new Map(scimResources.map((id) => [id, scim.addGroup(id)]))
  const people = new Map(subjects.map((id) => [scim.addUser({ userName: userNameOf(id) }), id]))
  await writeOrganisation(organisation, groups)
  const connectors = join(folder, 'connectors.json')
  await writeFile(
    connectors,
    JSON.stringify([
      { name: 'scim', kind: 'scim', baseUrl: scim.url, tokenEnv: 'SCIM_TOKEN' },
      { name: 'file', kind: 'file', path: MEMBERSHIPS },
    ]),
  )
  const mails = await startMailSink(() => options.seen('mail'))
  const database = options.database === 'server' ? await testDatabase() : undefined
  const port = await freePort()
  return {
    dataDir,
    organisation,
    url: `http://127.0.0.1:${port}`,
    logFile: join(folder, 'engine.log'),
    mails,
    env: {
      ...inherited(),
      PORTCULLIS_DATA: dataDir,
      PORTCULLIS_PORT: String(port),
      PORTCULLIS_CONNECTORS: connectors,
      PORTCULLIS_SWEEP_SECONDS: '1',
      PORTCULLIS_STALE_SECONDS: '3',
      PORTCULLIS_LEASE_SECONDS: '8',
      PORTCULLIS_LOG_LEVEL: 'warn',
      SCIM_TOKEN: scim.token,
      SMTP_URL: mails.url,
      ...(database === undefined ? {} : { DATABASE_URL: database.url }),
      ...(options.redisUrl === undefined ? {} : { REDIS_URL: options.redisUrl }),
    },
    memberships: async () => {
      const inScim = [...groups].flatMap(([resource, group]) =>
        scim.membersOf(group).map((id) => grantId(resource, 'member', people.get(id) ?? id)),
      )
      const inFile = (await readMemberships(join(dataDir, MEMBERSHIPS))).map(
        ({ resource, role, subject }) => grantId(resource, role, subject),
      )
      return [...inScim, ...inFile].sort()
    },
    close: async () => {
      await closeDatabase(database, dataDir)
      await Promise.all([scim.close(), mails.close()])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A killed engine leaves its PostgreSQL running: whoever starts it again owns it, and can stop it. */
const closeDatabase = async (
  database: TestDatabase | undefined,
  dataDir: string,
): Promise<void> => {
  if (database !== undefined) return database.close()
  const adopted = await startEmbeddedPostgres({ dataDir, log: () => {} })
  await adopted.stop()
}

/** What a program needs to run at all; nothing that configures the engine. */
const inherited = (): Environment =>
  Object.fromEntries(
    ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'SystemRoot'].flatMap((name) => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )

/** The engine must come back at the same address, as behind a load balancer. */
const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
