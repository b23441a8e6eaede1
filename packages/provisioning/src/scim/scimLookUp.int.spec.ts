import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { accessOf, type ScimServer, startScimServer } from '../testing/index.ts'
import { createScimConnector, type ScimConnectorOptions } from './scimConnector.ts'

const { signal } = new AbortController()

describe('scim connector, where the target refuses a filter', () => {
  let server: ScimServer
  let group: string
  beforeEach(async () => {
    server = await startScimServer()
    group = server.addGroup('Marketing')
    server.addMember(server.addGroup('Everybody'), 'somebody')
  })
  afterEach(() => server.close())

  const connect = (options: Partial<ScimConnectorOptions> = {}) =>
    createScimConnector({
      name: 'idm',
      baseUrl: server.url,
      token: server.token,
      clock: { now: () => '2026-03-01T09:00:00.000Z' },
      ...options,
    })
  const REFUSAL = JSON.stringify({
    schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'],
    status: '400',
    scimType: 'invalidFilter',
  })
  const refuse = (path: string) =>
    server.fail({
      status: 400,
      body: REFUSAL,
      address: `filter=${path}+eq`,
      times: Number.MAX_SAFE_INTEGER,
    })

  it.each([
    ['externalId', 'externalId', 'email'],
    ['emails.value', 'email', 'externalId'],
  ])('never takes a renamed account for absent: %s', async (path, attribute, other) => {
    // SCIMMY itself refuses to look for e-mail addresses while somebody has none.
    const email = 'elsewhere@mail.northwind.example'
    const user = server.addUser({ userName: 'alice@northwind.example', email })
    await connect().grant(accessOf('alice', group), signal)
    server.renameUser(user, 'a.smith')
    refuse(path)
    const refused = {
      code: 'scim.lookup-refused',
      transient: false,
      message: expect.stringMatching(
        new RegExp(`refused the filter by ${attribute}, .* alsoLookUpBy to \\["${other}"\\]`),
      ),
    }
    const access = accessOf('alice', group)
    await expect(connect().revoke(access, signal)).rejects.toMatchObject(refused)
    expect(await connect().readBack(access, signal)).toMatchObject({
      state: 'unknown',
      code: refused.code,
      reason: refused.message,
      unreadable: false,
    })
    expect(server.membersOf(group)).toEqual([user])
  })

  it('goes on when something else finds the account', async () => {
    const user = server.addUser({ userName: 'a.smith', email: 'alice@mail.northwind.example' })
    refuse('externalId')
    await connect().grant(accessOf('alice', group), signal)
    expect(server.membersOf(group)).toEqual([user])
    expect(await connect().readBack(accessOf('alice', group), signal)).toMatchObject({
      state: 'present',
    })
    await connect().revoke(accessOf('alice', group), signal)
    expect(await connect().readBack(accessOf('alice', group), signal)).toMatchObject({
      state: 'absent',
    })
  })

  it('looks up only by what it is told to', async () => {
    refuse('externalId')
    const connector = connect({ alsoLookUpBy: ['email'] })
    // Whom nothing finds may be there under another name.
    const notFound = { code: 'scim.user-not-found' }
    expect(await connector.readBack(accessOf('alice', group), signal)).toMatchObject({
      state: 'unknown',
      unreadable: false,
      ...notFound,
    })
    await expect(connector.revoke(accessOf('alice', group), signal)).rejects.toMatchObject(notFound)
    expect(server.requests.some(({ url }) => url.includes('filter=externalId'))).toBe(false)
    expect(server.requests.some(({ url }) => url.includes('filter=emails.value'))).toBe(true)
  })
})
