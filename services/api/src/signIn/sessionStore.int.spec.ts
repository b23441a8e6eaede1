import { fakeClock } from '@portcullis/core/testing'
import { type TestDatabase, testDatabase } from '@portcullis/postgres/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createSessionStore, MOST_SESSIONS, type NewSession } from './sessionStore.ts'
import { migrateSignIn } from './sessionTables.ts'

const START = '2026-06-01T08:00:00.000Z'
const MINUTE = 60_000
const LIMITS = { idleMillis: 30 * MINUTE, absoluteMillis: 12 * 60 * MINUTE }
const signedIn = (personId: string, more: Partial<NewSession> = {}): NewSession => ({
  personId,
  issuer: 'https://id.example',
  subject: `sub-${personId}`,
  sid: null,
  authTime: START,
  acr: null,
  amr: ['pwd'],
  userAgent: 'Browser',
  idToken: null,
  ...more,
})

let database: TestDatabase
beforeAll(async () => {
  database = await testDatabase()
  await migrateSignIn(database.pool)
})
afterAll(() => database.close())
beforeEach(() => database.pool.query('delete from portcullis_sign_in.sessions'))

const open = (clock = fakeClock(START)) => ({
  clock,
  store: createSessionStore(database.pool, clock, LIMITS),
})

describe('a session', () => {
  it('is found by its secret, which is kept nowhere', async () => {
    const { store } = open()
    const { secret, session } = await store.begin(signedIn('alice', { sid: 's1' }))
    expect(await store.find(secret)).toEqual(session)
    expect(session).toMatchObject({ personId: 'alice', subject: 'sub-alice', amr: ['pwd'] })
    const { rows } = await database.pool.query(
      'select s::text as line from portcullis_sign_in.sessions s',
    )
    expect(rows).toHaveLength(1)
    expect(rows[0].line).not.toContain(secret)
  })

  it('is not found by what the table holds, by parts, or by anything else', async () => {
    const { store } = open()
    const { secret, session } = await store.begin(signedIn('alice'))
    const others = [
      session.secretHash,
      session.id,
      secret.slice(1),
      `${secret}x`,
      '',
      "' or true --",
    ]
    for (const other of others) expect([other, await store.find(other)]).toEqual([other, undefined])
  })

  it('has another secret each time', async () => {
    const { store } = open()
    const secrets = new Set<string>()
    for (let time = 0; time < 20; time += 1)
      secrets.add((await store.begin(signedIn('alice'))).secret)
    expect(secrets.size).toBe(20)
  })

  it('ends when it is not used for the idle time, to the millisecond', async () => {
    const { store, clock } = open()
    const { secret } = await store.begin(signedIn('alice'))
    clock.advance(LIMITS.idleMillis - 1)
    const later = open(clock).store
    const unused = open(fakeClock(clock.now()))
    unused.clock.advance(1)
    expect(await unused.store.find(secret)).toBeUndefined()
    expect(await later.find(secret)).toMatchObject({ seenAt: clock.now() })
  })

  it('goes on as long as it is used, to its absolute end and no further', async () => {
    const { store, clock } = open()
    const { secret } = await store.begin(signedIn('alice'))
    const step = 20 * MINUTE
    for (let passed = step; passed < LIMITS.absoluteMillis; passed += step) {
      clock.advance(step)
      expect([passed, (await store.find(secret))?.personId]).toEqual([passed, 'alice'])
    }
    expect((await store.find(secret))?.idleUntil).toBe('2026-06-01T20:00:00.000Z')
    clock.set('2026-06-01T20:00:00.000Z')
    expect(await store.find(secret)).toBeUndefined()
  })

  it('has its use written once a minute at most', async () => {
    const { store, clock } = open()
    const { secret } = await store.begin(signedIn('alice'))
    const seen = async () =>
      (await database.pool.query('select seen_at from portcullis_sign_in.sessions')).rows[0].seen_at
    clock.advance(MINUTE - 1)
    await store.find(secret)
    expect(await seen()).toBe(START)
    clock.advance(3001)
    await store.find(secret)
    expect(await seen()).toBe(clock.now())
  })

  it('that another process ended goes on for three seconds, and for none in its own', async () => {
    const { store, clock } = open()
    const other = open(clock).store
    const { secret, session } = await store.begin(signedIn('alice'))
    expect(await other.find(secret)).toBeDefined()
    expect(await store.find(secret)).toBeDefined()
    expect(await store.end(session.id)).toBe(true)
    expect(await store.find(secret)).toBeUndefined()
    clock.advance(2999)
    expect(await other.find(secret)).toBeDefined()
    clock.advance(1)
    expect(await other.find(secret)).toBeUndefined()
  })

  it('that is ended while it is being looked up is not remembered', async () => {
    const { store } = open()
    const { secret, session } = await store.begin(signedIn('alice'))
    await Promise.all([store.find(secret), store.end(session.id)])
    expect(await store.find(secret)).toBeUndefined()
  })

  it('keeps no more of the browser’s words than 200 characters', async () => {
    const { store } = open()
    const { session } = await store.begin(signedIn('alice', { userAgent: 'x'.repeat(10_000) }))
    expect(session.userAgent).toHaveLength(200)
  })
})

describe('ending sessions', () => {
  it('one by its id; with a person, only theirs', async () => {
    const { store } = open()
    const { secret, session } = await store.begin(signedIn('alice'))
    expect(await store.end(session.id, 'bob')).toBe(false)
    expect(await store.find(secret)).toBeDefined()
    expect(await store.end(session.id, 'alice')).toBe(true)
    expect(await store.end(session.id, 'alice')).toBe(false)
  })

  it('all of a person, all of a subject, and those of one session of the issuer', async () => {
    const { store } = open()
    const begin = async (person: string, sid: string, more: Partial<NewSession> = {}) =>
      (await store.begin(signedIn(person, { sid, ...more }))).secret
    const [a1, a2, b1, elsewhere] = [
      await begin('alice', 's1'),
      await begin('alice', 's2'),
      await begin('bob', 's3'),
      await begin('alice', 's1', { issuer: 'https://other.example' }),
    ]
    const left = async () =>
      Promise.all([a1, a2, b1, elsewhere].map(async (s) => (await store.find(s)) !== undefined))
    const order = (key: string, which: { sid: string } | { subject: string }) =>
      store.endByOrder({ issuer: 'https://id.example', which, key, until: START })
    expect(await order('1', { sid: 's1' })).toBe(1)
    expect(await left()).toEqual([false, true, true, true])
    // The same order again is none, whatever it asks for.
    expect(await order('1', { subject: 'sub-alice' })).toBeUndefined()
    expect(await left()).toEqual([false, true, true, true])
    expect(await order('2', { subject: 'sub-alice' })).toBe(1)
    expect(await left()).toEqual([false, false, true, true])
    expect(await store.endOfPerson('alice')).toBe(1)
    expect(await left()).toEqual([false, false, true, false])
  })

  it('with one more than a person may have, the one used least lately', async () => {
    const { store, clock } = open()
    const secrets: string[] = []
    for (let count = 0; count <= MOST_SESSIONS; count += 1) {
      secrets.push((await store.begin(signedIn('alice'))).secret)
      clock.advance(4000)
    }
    const [first, second] = secrets
    expect(await store.find(first ?? '')).toBeUndefined()
    expect(await store.find(second ?? '')).toBeDefined()
    expect(await store.ofPerson('alice')).toHaveLength(MOST_SESSIONS)
  })

  it('the sweep takes those that are over and leaves the others', async () => {
    const { store, clock } = open()
    const old = await store.begin(signedIn('alice'))
    clock.advance(LIMITS.idleMillis)
    const { secret } = await store.begin(signedIn('bob'))
    expect(await store.sweep()).toBe(1)
    expect(await store.sweep()).toBe(0)
    expect(await store.idTokenOf(old.session.id)).toBeNull()
    expect(await store.find(secret)).toBeDefined()
  })
})

it('of 10,000 sessions each look-up reads one row by an index', async () => {
  const { store } = open()
  const { secret, session } = await store.begin(signedIn('alice', { sid: 'mine' }))
  await database.pool.query(
    `insert into portcullis_sign_in.sessions
     select 'hash-' || n, gen_random_uuid(), 'person-' || n, issuer, 'sub-' || n, 'sid-' || n, started_at, seen_at, idle_until, ends_at, auth_time, acr, amr, user_agent, id_token
       from portcullis_sign_in.sessions, generate_series(1, 10000) n`,
  )
  await database.pool.query('analyze portcullis_sign_in.sessions')
  expect((await store.find(secret))?.personId).toBe('alice')
  expect(await store.ofPerson('alice')).toHaveLength(1)
  for (const where of [
    `secret_hash = '${session.secretHash}'`,
    `id = '${session.id}'`,
    `person_id = 'alice'`,
    `issuer = 'https://id.example' and sid = 'mine'`,
    `issuer = 'https://id.example' and subject = 'sub-alice'`,
    `idle_until <= '2026-06-01T07:00:00.000Z'`,
  ]) {
    const { rows } = await database.pool.query(
      `explain select * from portcullis_sign_in.sessions where ${where}`,
    )
    expect(JSON.stringify(rows)).not.toContain('Seq Scan')
  }
  expect(await store.endOfPerson('alice')).toBe(1)
})
