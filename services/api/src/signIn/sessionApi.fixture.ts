import { fakeClock } from '@portcullis/core/testing'
import type pg from 'pg'
import { fakeApplication } from '../testing/fakeApplication.ts'
import { testApi } from '../testing/testApi.ts'
import { sessionKeysOf } from './sessionKeys.ts'
import { createSessionStore } from './sessionStore.ts'
import { createSessions } from './sessions.ts'

const START = '2026-11-23T21:18:00.000Z'
export const ORIGIN = 'https://access.example'
const KEYS = sessionKeysOf(new Uint8Array(32).fill(7))
export const READ = { method: 'GET', url: '/v1/me' } as const

const unused = async (): Promise<never> => {
  throw new Error('nobody signs in here')
}
/** A way of signing in that isn't used. */
const unusedSignIn = {
  provider: {
    signInAddress: unused,
    finish: unused,
    signOutAddress: async () => null,
    logoutOrder: unused,
  },
  records: {
    firstUse: unused,
    personOf: unused,
    linksOf: unused,
    link: unused,
    unlink: unused,
    sweep: unused,
  },
  rules: [],
  directory: { person: unused, peopleWith: unused, stableKeys: unused },
}

/**
 * The API over a fake application that knows alice, bob and ada, a User administrator; with the sessions of a real
 * database.
 */
export const openSessionApi = (pool: pg.Pool) => {
  const clock = fakeClock(START)
  const store = createSessionStore(pool, clock, {
    idleMillis: 1_800_000,
    absoluteMillis: 43_200_000,
  })
  const sessions = createSessions(store, KEYS, ORIGIN)
  const application = fakeApplication()
  const people = new Map([
    ['alice', { enabled: true, directoryRoles: [] as 'UserAdministrator'[] }],
    ['bob', { enabled: true, directoryRoles: [] }],
    ['ada', { enabled: true, directoryRoles: ['UserAdministrator' as const] }],
  ])
  const api = testApi(
    {
      ...application,
      whoAmI: async ({ actor: { kind, id } }) => {
        const known = kind === 'user' ? people.get(id) : undefined
        if (known === undefined) return { person: null, groupIds: [] }
        const names = { userName: id, displayName: id, email: `${id}@example.org` }
        const rest = { locale: null, zone: null, externalDirectoryId: null }
        return { person: { id, ...names, ...rest, ...known }, groupIds: [] }
      },
    },
    { signIn: { ...unusedSignIn, sessions, keys: KEYS, perAddress: 0 }, clock, baseUrl: ORIGIN },
  )
  const signIn = async (personId: string) => {
    const { secret, session } = await store.begin({
      personId,
      issuer: 'https://id.example',
      subject: personId,
      sid: null,
      authTime: null,
      acr: 'mfa',
      amr: [],
      userAgent: 'Browser',
      idToken: null,
    })
    return {
      session,
      secret,
      cookie: { cookie: `__Host-portcullis=${secret}` },
      page: {
        cookie: `__Host-portcullis=${secret}`,
        'sec-fetch-site': 'same-origin',
        'x-portcullis-csrf': sessions.csrfTokenOf(session),
      },
    }
  }
  return { api, clock, store, sessions, people, signIn, application }
}

/** The status; of a refusal with its code. */
export const verdict = async (answer: Promise<{ statusCode: number; body: string }>) => {
  const { statusCode, body } = await answer
  return statusCode < 400 ? statusCode : `${statusCode} ${JSON.parse(body).code}`
}
