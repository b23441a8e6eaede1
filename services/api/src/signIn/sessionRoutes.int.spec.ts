import { sessionAnswerSchema, sessionListSchema } from '@portcullis/api-contract'
import { type TestDatabase, testDatabase } from '@portcullis/postgres/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { openSessionApi, READ, verdict } from './sessionApi.fixture.ts'
import { migrateSignIn } from './sessionTables.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
  await migrateSignIn(database.pool)
})
afterAll(() => database.close())
beforeEach(() => database.pool.query('delete from portcullis_sign_in.sessions'))

const open = () => openSessionApi(database.pool)

describe('/auth/session', () => {
  it('says who is signed in, until when, and the token for changes', async () => {
    const { api, signIn } = open()
    const { page, session } = await signIn('alice')
    const answer = await api.inject({ url: '/auth/session', headers: page })
    expect(answer.headers['cache-control']).toBe('no-store')
    expect(sessionAnswerSchema.parse(answer.json())).toMatchObject({
      me: { person: { id: 'alice' }, directoryRoles: [] },
      session: { id: session.id, current: true, idleUntil: '2026-11-23T21:48:00.000Z' },
      csrfToken: page['x-portcullis-csrf'],
    })
    expect(answer.body).not.toContain(session.secretHash)
  })

  it('is 401 without one', async () => {
    const { api } = open()
    expect(await verdict(api.inject({ url: '/auth/session' }))).toBe('401 authentication.missing')
  })
})

describe('/auth/sessions', () => {
  const listOf = async (answer: Promise<{ json(): unknown }>) =>
    sessionListSchema.parse((await answer).json()).items

  it('lists one’s own, and ends one of them', async () => {
    const { api, signIn, clock } = open()
    const here = await signIn('alice')
    clock.advance(1)
    const there = await signIn('alice')
    await signIn('bob')
    const listed = await listOf(api.inject({ url: '/auth/sessions', headers: here.page }))
    expect(listed.map(({ id, current }) => [id, current])).toEqual([
      [there.session.id, false],
      [here.session.id, true],
    ])
    const url = `/auth/sessions/${there.session.id}`
    const ended = await api.inject({ method: 'DELETE', url, headers: here.page })
    expect([ended.statusCode, ended.headers['set-cookie']]).toEqual([204, undefined])
    expect(await verdict(api.inject({ ...READ, headers: there.page }))).toBe(
      '401 authentication.session-ended',
    )
    expect(await verdict(api.inject({ ...READ, headers: here.page }))).toBe(200)
  })

  it('shows and ends those of others for a User administrator alone', async () => {
    const { api, signIn } = open()
    const [alice, bob, ada] = [await signIn('alice'), await signIn('bob'), await signIn('ada')]
    const url = '/auth/sessions?personId=alice'
    expect(await verdict(api.inject({ url, headers: bob.page }))).toBe('403 permission.denied')
    const one = { method: 'DELETE', url: `/auth/sessions/${alice.session.id}` } as const
    expect(await verdict(api.inject({ ...one, headers: bob.page }))).toBe('404 session.not-found')
    expect(await listOf(api.inject({ url, headers: ada.page }))).toHaveLength(1)
    expect(await verdict(api.inject({ ...one, headers: ada.page }))).toBe(204)
    const service = { authorization: 'service hr UserAdministrator' }
    expect(await listOf(api.inject({ url, headers: service }))).toEqual([])
    const plain = { authorization: 'service alice' }
    expect(await verdict(api.inject({ url, headers: plain }))).toBe('403 permission.denied')
    const bobs = { method: 'DELETE', url: `/auth/sessions/${bob.session.id}` } as const
    expect(await verdict(api.inject({ ...bobs, headers: { authorization: 'service bob' } }))).toBe(
      '404 session.not-found',
    )
  })

  it('refuses ids that are none', async () => {
    const { api, signIn } = open()
    const { page } = await signIn('ada')
    for (const id of ['x', "'", '%00', 'a'.repeat(2000)])
      expect(
        await verdict(api.inject({ method: 'DELETE', url: `/auth/sessions/${id}`, headers: page })),
      ).toBe('400 input.invalid')
    const url = '/auth/sessions?personId=a&personId=b'
    expect(await verdict(api.inject({ url, headers: page }))).toBe('400 input.invalid')
  })
})

describe('signing out', () => {
  it('ends the session, takes the cookie back and empties the browser’s store', async () => {
    const { api, signIn } = open()
    const { page } = await signIn('alice')
    const answer = await api.inject({ method: 'POST', url: '/auth/sign-out', headers: page })
    expect([answer.statusCode, answer.json()]).toEqual([200, { endSession: null }])
    expect(answer.headers['set-cookie']).toBe(
      '__Host-portcullis=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure',
    )
    expect(answer.headers['clear-site-data']).toBe('"cache", "storage"')
    expect(await verdict(api.inject({ ...READ, headers: page }))).toBe(
      '401 authentication.session-ended',
    )
  })

  it('is not done for another site', async () => {
    const { api, signIn } = open()
    const { page } = await signIn('alice')
    const headers = { ...page, 'sec-fetch-site': 'cross-site' }
    expect(await verdict(api.inject({ method: 'POST', url: '/auth/sign-out', headers }))).toBe(
      '403 authentication.cross-site',
    )
    expect(await verdict(api.inject({ ...READ, headers: page }))).toBe(200)
  })
})
