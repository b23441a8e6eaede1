import { randomUUID } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { importDirectory } from '@portcullis/directory'
import { silentLog } from '@portcullis/engine'
import { testDatabase } from '@portcullis/postgres/testing'
import { openRuntime, readConfig, systemClock } from '@portcullis/runtime'
import { createTokenAuthenticator } from '../authentication/tokenAuthenticator.ts'
import { createTokenIssuer } from '../authentication/tokens.ts'
import { createApi } from '../createApi.ts'
import { createLogger } from '../logger.ts'

const people = ['alice', 'bob', 'carol', 'a', 'b', 'x'].map((id) => ({
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
  people,
  groups: [{ id: 'all-staff', displayName: 'All staff' }],
  memberships: people.map(({ id }) => ({ groupId: 'all-staff', personId: id })),
  resources,
}

/** The API over the real engine, in a database of its own, with the views kept up to date and without a worker. */
export const openRealEngine = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-api-'))
  for (const [kind, entries] of Object.entries(DIRECTORY)) {
    await writeFile(join(folder, `${kind}.json`), JSON.stringify(entries))
  }
  const database = await testDatabase()
  const config = readConfig({ DATABASE_URL: database.url, PORTCULLIS_DATA: 'data' }, folder)
  const runtime = await openRuntime(config, { log: silentLog, database: 'own' })
  await importDirectory(runtime.pool, folder)
  const stop = new AbortController()
  const projecting = runtime.projections.run(stop.signal)
  const keyDir = join(folder, 'keys')
  const lines: string[] = []
  const api = createApi({
    application: runtime.application,
    authenticator: await createTokenAuthenticator({ clock: systemClock, keys: { keyDir } }),
    logger: createLogger('warn', { write: (line) => lines.push(line) }),
    clock: systemClock,
    baseUrl: 'http://localhost:8080',
    version: '0.1.0',
    zone: 'Europe/Berlin',
  })
  const issue = await createTokenIssuer({ keyDir, clock: systemClock })

  return {
    api,
    runtime,
    /** What was logged, warnings and worse. */
    lines,
    tokenFor: async (sub: string, kind: 'user' | 'service' = 'user'): Promise<string> => {
      const roles = kind === 'service' ? (['UserAdministrator'] as const) : []
      const { token } = await issue({ sub, kind, roles, ttlSeconds: 3600 })
      return `Bearer ${token}`
    },
    close: async (): Promise<void> => {
      await api.close()
      stop.abort()
      await projecting
      await runtime.close()
      await database.close()
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
    return { status: answer.statusCode, headers: answer.headers, body: answer.json() }
  }
