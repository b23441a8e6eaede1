import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ConnectorError } from '../connector.ts'
import { accessOf, type ScimServer, startScimServer } from '../testing/index.ts'
import { createScimConnector, type ScimConnectorOptions } from './scimConnector.ts'

const clock = { now: () => '2026-03-01T09:00:00.000Z' }
const { signal } = new AbortController()

describe('scim connector', () => {
  let server: ScimServer
  let group: string
  beforeEach(async () => {
    server = await startScimServer()
    group = server.addGroup('Marketing')
  })
  afterEach(() => server.close())

  const connect = (options: Partial<ScimConnectorOptions> = {}) =>
    createScimConnector({
      name: 'idm',
      baseUrl: server.url,
      token: server.token,
      clock,
      ...options,
    })
  const failure = async (call: Promise<unknown>): Promise<ConnectorError> => {
    const error = await call.then(
      () => undefined,
      (reason: unknown) => reason,
    )
    if (error instanceof ConnectorError) return error
    throw new Error(`not a ConnectorError: ${error}`)
  }

  it('sends the operations of RFC 7644 §3.5.2', async () => {
    const user = server.addUser({ userName: 'alice@northwind.example' })
    await connect().grant(accessOf('alice', group), signal)
    await connect().revoke(accessOf('alice', group), signal)
    const schemas = ['urn:ietf:params:scim:api:messages:2.0:PatchOp']
    expect(server.requests.filter(({ method }) => method === 'PATCH')).toEqual([
      {
        method: 'PATCH',
        url: `/scim/Groups/${group}`,
        body: { schemas, Operations: [{ op: 'add', path: 'members', value: [{ value: user }] }] },
      },
      {
        method: 'PATCH',
        url: `/scim/Groups/${group}`,
        body: { schemas, Operations: [{ op: 'remove', path: `members[value eq "${user}"]` }] },
      },
    ])
  })

  it.each([
    ['external id', { userName: 'a.smith', externalId: 'alice' }],
    ['e-mail address', { userName: 'a.smith', email: 'alice@mail.northwind.example' }],
  ])('finds an account by %s', async (_, account) => {
    const user = server.addUser(account)
    await connect().grant(accessOf('alice', group), signal)
    expect(server.membersOf(group)).toEqual([user])
  })

  // What is sent is looked at, because SCIMMY itself can't read an escaped quote.
  it('escapes names in filters', async () => {
    const evil = 'x" or userName pr or userName eq "y\\'
    server.addUser({ userName: 'victim' })
    const access = accessOf('alice', group)
    await failure(
      connect().grant({ ...access, subject: { ...access.subject, userName: evil } }, signal),
    )
    expect(server.membersOf(group)).toEqual([])
    const [request] = server.requests
    const filter = new URL(request?.url ?? '', server.url).searchParams.get('filter')
    expect(filter).toMatch(/^userName eq "/)
    expect(JSON.parse(filter?.slice('userName eq '.length) ?? '')).toBe(evil)
  })

  it('does not choose between two accounts', async () => {
    for (const userName of ['one', 'two'])
      server.addUser({ userName, email: 'alice@mail.northwind.example' })
    expect(await failure(connect().grant(accessOf('alice', group), signal))).toMatchObject({
      code: 'scim.user-ambiguous',
      transient: false,
    })
  })

  it('looks through the pages of a service that ignores filters', async () => {
    for (let n = 0; n < 230; n += 1) server.addUser({ userName: `person-${n}` })
    // RFC 7643 §4.1.1: case doesn't count.
    const user = server.addUser({ userName: 'Alice@Northwind.example' })
    server.ignoreFilters()
    await connect().grant(accessOf('alice', group), signal)
    expect(server.membersOf(group)).toEqual([user])
  })

  it('makes an account where it may', async () => {
    await connect({ createUsers: true }).grant(accessOf('alice', group), signal)
    expect(server.userNames()).toEqual(['alice@northwind.example'])
    expect(server.membersOf(group)).toHaveLength(1)
    // Nobody found is no proof that nobody is there.
    expect(
      await failure(connect({ createUsers: true }).revoke(accessOf('bob', group), signal)),
    ).toMatchObject({ code: 'scim.user-not-found', transient: false })
    expect(server.userNames()).toEqual(['alice@northwind.example'])
  })

  it('takes a group that is gone as revoked, and says so when granting', async () => {
    server.addUser({ userName: 'alice@northwind.example' })
    await connect().grant(accessOf('alice', group), signal)
    server.removeGroup(group)
    await connect().revoke(accessOf('alice', group), signal)
    expect(await connect().readBack(accessOf('alice', group), signal)).toMatchObject({
      state: 'absent',
    })
    expect(await failure(connect().grant(accessOf('alice', group), signal))).toMatchObject({
      code: 'scim.group-not-found',
      transient: false,
    })
  })

  it('never takes a wrong address for "revoked"', async () => {
    server.addUser({ userName: 'alice@northwind.example' })
    for (const baseUrl of [`${server.url}/nowhere`, server.url.replace('/scim', '/elsewhere')]) {
      const wrong = connect({ baseUrl })
      expect((await failure(wrong.revoke(accessOf('alice', group), signal))).transient).toBe(false)
      expect((await failure(wrong.readBack(accessOf('alice', group), signal))).transient).toBe(
        false,
      )
      expect((await failure(wrong.probe())).message).toContain('baseUrl')
    }
  })

  it.each([
    ['120', 120_000],
    ['Sun, 01 Mar 2026 09:05:00 GMT', 300_000],
    ['soon', undefined],
  ])('passes on Retry-After: %s', async (header, retryAfterMillis) => {
    const times = Number.MAX_SAFE_INTEGER
    server.fail({ status: 429, headers: { 'Retry-After': header }, times })
    const connector = connect({ sleep: async () => {} })
    expect(await failure(connector.grant(accessOf('alice', group), signal))).toMatchObject({
      code: 'scim.throttled',
      transient: true,
      retryAfterMillis,
    })
  })

  it('gives up on a service that does not answer', async () => {
    server.fail({ hang: true, times: 1 })
    expect(
      await failure(connect({ timeoutMillis: 200 }).grant(accessOf('alice', group), signal)),
    ).toMatchObject({ code: 'scim.timeout', transient: true })
  })

  it('lets a caller go that is shutting down in the middle', async () => {
    server.fail({ hang: true, times: 1 })
    const closing = new AbortController()
    const call = connect().grant(accessOf('alice', group), closing.signal)
    closing.abort(new Error('shutting down'))
    await expect(call).rejects.toThrow('shutting down')
  })

  it('calls a service that is not there transient', async () => {
    const connector = connect()
    await server.close()
    expect(await failure(connector.grant(accessOf('alice', group), signal))).toMatchObject({
      code: 'scim.unreachable',
      transient: true,
    })
    server = await startScimServer()
  })

  it('is done after a lost answer when asked again', async () => {
    const user = server.addUser({ userName: 'alice@northwind.example' })
    server.fail({ status: 502, afterwards: true, methods: ['PATCH'], times: 1 })
    expect((await failure(connect().grant(accessOf('alice', group), signal))).transient).toBe(true)
    await connect().grant(accessOf('alice', group), signal)
    expect(server.membersOf(group)).toEqual([user])
  })

  it('takes 409 for done when the member is there, else tries later', async () => {
    const user = server.addUser({ userName: 'alice@northwind.example' })
    server.fail({ status: 409, methods: ['PATCH'], times: 2 })
    expect(await failure(connect().grant(accessOf('alice', group), signal))).toMatchObject({
      code: 'scim.add-refused',
      transient: true,
    })
    server.addMember(group, user)
    await connect().grant(accessOf('alice', group), signal)
  })

  it('asks by filter when the group is too big to read', async () => {
    const user = server.addUser({ userName: 'alice@northwind.example' })
    for (let n = 0; n < 100; n += 1) server.addMember(group, `somebody-${n}`)
    const connector = connect({ maxAnswerBytes: 2_000 })
    expect(await connector.readBack(accessOf('alice', group), signal)).toMatchObject({
      state: 'absent',
    })
    server.addMember(group, user)
    expect(await connector.readBack(accessOf('alice', group), signal)).toMatchObject({
      state: 'present',
    })
  })

  it('shows its token nowhere, even when the service repeats it', async () => {
    const token = 'not-the-right-token-1234567890'
    const error = await failure(connect({ token }).grant(accessOf('alice', group), signal))
    expect(error).toMatchObject({ code: 'scim.unauthorised', transient: false })
    expect(JSON.stringify({ ...error, message: error.message, stack: error.stack })).not.toContain(
      token,
    )
  })

  it.each([
    ['redirects', 302, { location: 'https://elsewhere.example/' }, '', 'scim.redirected'],
    ['pages that are not SCIM', 200, {}, '<html>hello</html>', 'scim.not-scim'],
    ['JSON that is not SCIM', 200, {}, '{"ok":true}', 'scim.not-scim'],
  ])('refuses %s', async (_, status, headers, body, code) => {
    server.fail({ status, headers, body, times: 1 })
    expect(await failure(connect().grant(accessOf('alice', group), signal))).toMatchObject({
      code,
      transient: false,
    })
  })

  it.each([
    [{ baseUrl: 'http://idm.example.com/scim' }, /https/],
    [{ baseUrl: 'https://user:secret@idm.example.com' }, /takes no user/],
    [{ token: 'two\nlines' }, /bearer token/],
  ])('refuses the configuration %o', (options, message) => {
    expect(() => connect(options)).toThrow(message)
  })
})
