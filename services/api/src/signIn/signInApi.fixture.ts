import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '@portcullis/core'
import { createDirectory, migrateDirectory } from '@portcullis/directory'
import { silentLog } from '@portcullis/engine'
import type { TestDatabase } from '@portcullis/postgres/testing'
import type { SignInConfig } from '@portcullis/runtime'
import { createLogger } from '../logger.ts'
import { fakeApplication } from '../testing/fakeApplication.ts'
import { testApi } from '../testing/testApi.ts'
import { openSignIn } from './openSignIn.ts'

export const CLIENT_ID = 'portcullis'
export const CLIENT_SECRET = 'the-secret-of-the-client'

/** What tests say of a person; the rest is made up. */
export interface KnownPerson {
  readonly id: string
  readonly objectId?: string
  readonly enabled?: boolean
  readonly userName?: string
  readonly email?: string
}

/** The API over a fake application, with sign-in at an issuer, in a real database whose directory has these people. */
export const openSignInApi = async (
  database: TestDatabase,
  issuer: string,
  options: {
    readonly people?: readonly KnownPerson[]
    readonly clock: Clock
    readonly baseUrl?: string
    readonly config?: Partial<SignInConfig>
  },
) => {
  const { clock, baseUrl = 'https://access.example' } = options
  await migrateDirectory(database.pool)
  const directory = createDirectory(database.pool)
  const know = async (person: KnownPerson): Promise<void> => {
    const { id, objectId = null, enabled = true, userName = id } = person
    await database.pool.query(
      `insert into portcullis_directory.people (id, user_name, display_name, email, enabled, directory_roles, object_id)
       values ($1, $2, $1, $3, $4, '{}', $5)
       on conflict (id) do update set user_name = $2, email = $3, enabled = $4, object_id = $5`,
      [id, userName, person.email ?? `${id}@example.org`, enabled, objectId],
    )
  }
  for (const person of options.people ?? []) await know(person)
  const keyDir = await mkdtemp(join(tmpdir(), 'portcullis-sign-in-'))
  const signIn = await openSignIn(
    {
      issuer,
      clientId: CLIENT_ID,
      clientSecret: CLIENT_SECRET,
      scopes: 'openid profile email',
      match: [
        { claim: 'oid', field: 'objectId' },
        { claim: 'preferred_username', field: 'userName' },
        { claim: 'email', field: 'email' },
      ],
      idleMillis: 1_800_000,
      absoluteMillis: 43_200_000,
      perAddress: 0,
      ...options.config,
    },
    {
      pool: database.pool,
      databaseUrl: database.url,
      directory,
      clock,
      log: silentLog,
      keyDir,
      baseUrl,
    },
  )
  const lines: string[] = []
  const api = testApi(
    {
      ...fakeApplication(),
      whoAmI: async ({ actor: { kind, id } }) => ({
        person: (kind === 'user' ? await directory.person(id) : undefined) ?? null,
        groupIds: [],
      }),
    },
    {
      signIn,
      clock,
      baseUrl,
      logger: createLogger('trace', { write: (line) => lines.push(line) }),
    },
  )
  return {
    api,
    signIn,
    know,
    baseUrl,
    /** All that was logged. */
    lines,
    close: async () => {
      await api.close()
      signIn.close()
      await rm(keyDir, { recursive: true, force: true })
    },
  }
}

export type SignInApi = Awaited<ReturnType<typeof openSignInApi>>

/** A browser with its cookies, before the API. */
export const openBrowser = ({ api, baseUrl }: SignInApi) => {
  const cookies = new Map<string, string>()
  const visit = async (address: string, headers: Readonly<Record<string, string>> = {}) => {
    const { pathname, search } = new URL(address, baseUrl)
    const answer = await api.inject({
      method: 'GET',
      url: `${pathname}${search}`,
      headers: { cookie: [...cookies].map(([n, v]) => `${n}=${v}`).join('; '), ...headers },
    })
    for (const each of [answer.headers['set-cookie'] ?? []].flat()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(each) ?? []
      if (/Max-Age=0/.test(each)) cookies.delete(name)
      else cookies.set(name, value)
    }
    return answer
  }
  return {
    cookies,
    visit,
    /** Begins a sign-in. @returns what the issuer is asked */
    begin: async (query = '') => {
      const answer = await visit(`/auth/sign-in${query}`)
      const location = new URL(String(answer.headers.location))
      return { answer, location, asked: Object.fromEntries(location.searchParams) }
    },
    /** The person of the session; undefined without one. */
    whoAmI: async (): Promise<string | undefined> => {
      const answer = await visit('/auth/session')
      return answer.statusCode === 200 ? answer.json().me.actor.id : undefined
    },
  }
}

/** Which page an answer is: `400 sign-in.expired`; or where it leads. */
export const outcomeOf = (answer: {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}): string => {
  if (answer.statusCode < 400) return `${answer.statusCode} ${answer.headers.location}`
  return `${answer.statusCode} ${/sign-in\.[a-z-]+/.exec(answer.body)?.[0]}`
}
