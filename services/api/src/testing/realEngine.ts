import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { importDirectory } from '@portcullis/directory'
import type { DirectoryRole } from '@portcullis/domain'
import { silentLog } from '@portcullis/engine'
import {
  openMonitor,
  openQueueBoard,
  openRuntime,
  type Runtime,
  readConfig,
  systemClock,
} from '@portcullis/runtime'
import { openInstallation } from '@portcullis/runtime/testing'
import { createTokenAuthenticator } from '../authentication/tokenAuthenticator.ts'
import { createTokenIssuer } from '../authentication/tokens.ts'
import { type ApiOptions, createApi } from '../createApi.ts'
import { createLogger } from '../logger.ts'

const people = ['alice', 'bob', 'carol', 'dave', 'erin', 'a', 'b', 'x'].map((id) => ({
  id,
  userName: id,
  displayName: `Person ${id}`,
  email: `${id}@example.org`,
  directoryRoles: id === 'alice' ? ['UserAdministrator'] : [],
}))

const resources = ['git', 'wiki', 'x'].map((id) => ({
  id,
  kind: 'application',
  displayName: id,
  connector: 'file',
  roles: ['member', 'editor', 'x'].map((role) => ({ id: role, displayName: role })),
  ownerIds: ['alice'],
}))

const DIRECTORY = {
  'external-directories': [
    {
      id: 'fabrikam',
      displayName: 'Fabrikam',
      initialDomain: 'fabrikam.example',
      domains: ['fabrikam-labs.example'],
    },
  ],
  people,
  groups: [{ id: 'all-staff', displayName: 'All staff' }],
  memberships: people.map(({ id }) => ({ groupId: 'all-staff', personId: id })),
  resources,
}

/**
 * The API over the real engine, in an installation of its own of the run's size, with the views kept up to date and
 * without a worker.
 * @param variables of the configuration, besides the data folder; they go before those of the installation
 * @param more what the API gets besides
 */
export const openRealEngine = async (
  organisation: object = DIRECTORY,
  variables: Readonly<Record<string, string>> = {},
  more: (runtime: Runtime, keyDir: string) => Promise<Partial<ApiOptions>> = async () => ({}),
) => {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-api-'))
  for (const [kind, entries] of Object.entries(organisation)) {
    await writeFile(join(folder, `${kind}.json`), JSON.stringify(entries))
  }
  const installation = await openInstallation()
  const config = readConfig({ ...installation.env, ...variables, PORTCULLIS_DATA: 'data' }, folder)
  const runtime = await openRuntime(config, { log: silentLog, database: 'own' })
  await importDirectory(runtime.pool, folder)
  const monitor = await openMonitor(runtime, {
    serves: { api: true, worker: false },
    jobs: () => undefined,
  })
  const stop = new AbortController()
  const projecting = runtime.projections.run(stop.signal)
  const keyDir = join(folder, 'keys')
  const lines: string[] = []
  const board = await openQueueBoard(runtime)
  const api = createApi({
    application: runtime.application,
    authenticator: await createTokenAuthenticator({ clock: systemClock, keys: { keyDir } }),
    logger: createLogger('warn', { write: (line) => lines.push(line) }),
    clock: systemClock,
    monitor,
    baseUrl: 'http://localhost:8080',
    version: '0.1.0',
    zone: 'Europe/Berlin',
    ...(board === undefined ? {} : { queues: board.queues }),
    ...(await more(runtime, keyDir)),
  })
  const issue = await createTokenIssuer({ keyDir, clock: systemClock })

  return {
    api,
    runtime,
    instruments: monitor.instruments,
    /** What was logged, warnings and worse. */
    lines,
    /** A service is a User administrator unless told otherwise. */
    tokenFor: async (
      sub: string,
      kind: 'user' | 'service' = 'user',
      roles: readonly DirectoryRole[] = kind === 'service' ? ['UserAdministrator'] : [],
    ): Promise<string> => {
      const { token } = await issue({ sub, kind, roles, ttlSeconds: 3600 })
      return `Bearer ${token}`
    },
    close: async (): Promise<void> => {
      await api.close()
      await board?.close()
      stop.abort()
      await projecting
      await monitor.close()
      await runtime.close()
      await installation.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export type RealEngine = Awaited<ReturnType<typeof openRealEngine>>

/** Sends as somebody and gives back status, headers and body. */
export const sendAs =
  ({ api, tokenFor }: RealEngine) =>
  async (
    sub: string,
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
    url: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ) => {
    const answer = await api.inject({
      method,
      url,
      headers: { authorization: await tokenFor(sub), 'idempotency-key': randomUUID(), ...headers },
      ...(body === undefined ? {} : { payload: body }),
    })
    const isJson = /json/.test(String(answer.headers['content-type']))
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body: isJson ? answer.json() : answer.body,
    }
  }
