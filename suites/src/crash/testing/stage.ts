import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@portcullis/core/testing'
import { grantId } from '@portcullis/domain'
import { startEmbeddedPostgres } from '@portcullis/embedded-postgres'
import { testDatabase } from '@portcullis/postgres/testing'
import { readMemberships } from '@portcullis/provisioning'
import { startScimServer } from '@portcullis/provisioning/testing'
import type { Environment } from './engineProcess.ts'
import { type MailSink, startMailSink } from './mailSink.ts'
import {
  fileResources,
  scimResources,
  subjects,
  userNameOf,
  writeOrganisation,
} from './organisation.ts'

/** Everything around the engine: its data folder and configuration, the targets, the mail server. */
export interface Stage {
  readonly dataDir: string
  /** With the organisation's CSV files. */
  readonly organisation: string
  /** Where each api process listens. */
  readonly urls: readonly string[]
  /** For every process but for the port of an api: see {@link Stage.apiEnv}. */
  readonly env: Environment
  /** Of the api process of this number, from 0. */
  apiEnv(number: number): Environment
  readonly logFile: string
  readonly mails: MailSink
  /** What the targets hold now: grant ids, sorted; one that is there twice is there twice. */
  memberships(): Promise<readonly string[]>
  /** Ends everything that was started, a database without its engine too. */
  close(): Promise<void>
}

export interface StageOptions {
  /**
   * `embedded`: of the engine's own, in the data folder. `server`: a DATABASE_URL, of the run's server. Else one that
   * the caller has started and ends.
   */
  readonly database: 'embedded' | 'server' | { readonly url: string }
  readonly eventStoreUrl?: string
  readonly redisUrl?: string
  /** Api processes, each at a port of its own; one when absent. */
  readonly apis?: number
  /** How soon the engine looks after what is stale, seconds; {@link QUICK} when absent. */
  readonly pace?: Pace
  readonly seen: (sight: 'call' | 'mail') => void
}

interface Pace {
  readonly sweep: number
  readonly stale: number
  readonly lease: number
}

/** For one process at a time, with nothing else on the machine. */
const QUICK: Pace = { sweep: 1, stale: 3, lease: 8 }

/** Of each resource that is kept in files, as each has a target of its own. */
const fileOf = (resource: string): string => `${resource}.csv`

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
      ...fileResources.map((name) => ({ name, kind: 'file', path: fileOf(name) })),
    ]),
  )
  const mails = await startMailSink(() => options.seen('mail'))
  const database = options.database === 'server' ? await testDatabase() : undefined
  const databaseUrl = typeof options.database === 'string' ? database?.url : options.database.url
  const ports: number[] = []
  // The engine must come back at the same address, as behind a load balancer.
  for (let api = 0; api < (options.apis ?? 1); api += 1) ports.push(await freePort())
  const { sweep, stale, lease } = options.pace ?? QUICK
  const env: Environment = {
    ...inherited(),
    PORTCULLIS_DATA: dataDir,
    PORTCULLIS_PORT: String(ports[0]),
    PORTCULLIS_CONNECTORS: connectors,
    PORTCULLIS_SWEEP_SECONDS: String(sweep),
    PORTCULLIS_STALE_SECONDS: String(stale),
    PORTCULLIS_LEASE_SECONDS: String(lease),
    PORTCULLIS_LOG_LEVEL: 'warn',
    // The driver is a few people who do the work of many.
    PORTCULLIS_RATE_LIMIT_CALLER: '0',
    SCIM_TOKEN: scim.token,
    SMTP_URL: mails.url,
    ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
    ...(options.eventStoreUrl === undefined ? {} : { EVENTSTORE_URL: options.eventStoreUrl }),
    ...(options.redisUrl === undefined ? {} : { REDIS_URL: options.redisUrl }),
  }
  return {
    dataDir,
    organisation,
    urls: ports.map((port) => `http://127.0.0.1:${port}`),
    logFile: join(folder, 'engine.log'),
    mails,
    env,
    apiEnv: (number) => ({ ...env, PORTCULLIS_PORT: String(ports[number]) }),
    memberships: async () => {
      const inScim = [...groups].flatMap(([resource, group]) =>
        scim.membersOf(group).map((id) => grantId(resource, 'member', people.get(id) ?? id)),
      )
      const files = fileResources.map((name) => readMemberships(join(dataDir, fileOf(name))))
      const inFiles = (await Promise.all(files))
        .flat()
        .map(({ resource, role, subject }) => grantId(resource, role, subject))
      return [...inScim, ...inFiles].sort()
    },
    close: async () => {
      await database?.close()
      if (options.database === 'embedded') await closeEmbedded(dataDir)
      await Promise.all([scim.close(), mails.close()])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** A killed engine leaves its PostgreSQL running: the one who starts it again owns it, and can stop it. */
const closeEmbedded = async (dataDir: string): Promise<void> => {
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
