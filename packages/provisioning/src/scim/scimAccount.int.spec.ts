import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Access } from '../connector.ts'
import { accessOf, type ScimServer, startScimServer } from '../testing/index.ts'
import { createScimConnector, type ScimConnectorOptions } from './scimConnector.ts'

const clock = { now: () => '2026-03-01T09:00:00.000Z' }
const { signal } = new AbortController()

describe('whose account of a SCIM service it is', () => {
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
      clock,
      ...options,
    })
  const tom = (more: Partial<Access['subject']> = {}): Access => {
    const access = accessOf('tom', group)
    return { ...access, subject: { ...access.subject, ...more } }
  }
  const kept = (id: string) => tom({ account: { id, member: id } })
  const name = 'tom@northwind.example'
  const email = 'tom@mail.northwind.example'

  /** From now on accounts have this number: an attribute of an extension, which SCIMMY would have to be told of. */
  const numberAll = (employeeNumber: string | undefined) =>
    server.speak((said) => ({
      ...said,
      body:
        employeeNumber === undefined
          ? said.body
          : said.body.replaceAll(
              '"userName":"tom@',
              `"${ENTERPRISE}":{"employeeNumber":"${employeeNumber}"},"userName":"tom@`,
            ),
    }))
  const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User'

  /** Alone and among others: the same matching. */
  const grantBothWays = async (access: Access) => {
    server.addUser({ userName: 'bystander@northwind.example' })
    const alone = await connect()
      .grant(access, signal)
      .catch((error: unknown) => error)
    const [among] =
      (await connect().many?.grant(
        [access, accessOf('bystander', group)].map((one, n) => ({
          access: one,
          operationId: `${n}`,
        })),
        signal,
      )) ?? []
    return [alone, among]
  }

  it('is the one that was granted to, whatever it is called by now', async () => {
    const id = server.addUser({ userName: name, email })
    const answer = await connect().grant(tom(), signal)
    expect(answer).toEqual({ account: { id, member: id } })
    server.renameUser(id, 'changed', 'changed@elsewhere.example')
    expect(await connect().readBack(kept(id), signal)).toEqual({
      state: 'present',
      account: { id, member: id },
    })
    // Without what was kept it isn't known, and that is no "absent".
    expect(await connect().readBack(tom(), signal)).toMatchObject({
      state: 'unknown',
      code: 'scim.user-not-found',
      unreadable: false,
    })
    await expect(connect().revoke(tom(), signal)).rejects.toMatchObject({
      code: 'scim.user-not-found',
    })
    await connect().revoke(kept(id), signal)
    expect(server.membersOf(group)).toEqual([])
    expect(await connect().readBack(kept(id), signal)).toMatchObject({ state: 'absent' })
  })

  it('is the one that was granted to among many', async () => {
    const ids = ['a', 'b', 'c'].map((each) => server.addUser({ userName: each }))
    for (const id of ids) server.addMember(group, id)
    const accesses = ids.map((id, n) => {
      const access = accessOf(`renamed-${n}`, group)
      return { ...access, subject: { ...access.subject, account: { id, member: id } } }
    })
    const { many } = connect()
    for (const one of (await many?.readBack(accesses, signal)) ?? [])
      expect(one).toMatchObject({ state: 'present' })
    await many?.revoke(
      accesses.map((access, n) => ({ access, operationId: `${n}` })),
      signal,
    )
    expect(server.membersOf(group)).toEqual([])
    // The three together, not one by one.
    expect(server.requests.filter(({ url }) => /\/Users\//.test(url))).toEqual([])
  })

  it('is gone: then it has nothing, unless the group goes on listing it', async () => {
    const id = server.addUser({ userName: name })
    await connect().grant(tom(), signal)
    server.removeUser(id)
    expect(await connect().readBack(kept(id), signal)).toMatchObject({ state: 'present' })
    await connect().revoke(kept(id), signal)
    expect(server.membersOf(group)).toEqual([])
    expect(await connect().readBack(kept(id), signal)).toEqual({ state: 'absent', account: null })
    await connect().revoke(kept(id), signal)
  })

  it('is not gone because everything seems to be', async () => {
    const id = server.addUser({ userName: name })
    const body = JSON.stringify({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'] })
    server.fail({ status: 404, body, address: '/Users', times: Number.MAX_SAFE_INTEGER })
    const refused = { code: 'scim.read-refused', transient: false }
    await expect(connect().readBack(kept(id), signal)).rejects.toMatchObject(refused)
    await expect(connect().revoke(kept(id), signal)).rejects.toMatchObject(refused)
  })

  it('is not the one that came after it under the same name', async () => {
    const newcomer = server.addUser({ userName: name, email })
    server.addMember(group, newcomer)
    const gone = kept('0d6cf9a4-5bb1-4a7f-b2f5-6a9be47d52f1')
    expect(await connect().readBack(gone, signal)).toMatchObject({ state: 'absent' })
    await connect().revoke(gone, signal)
    expect(server.membersOf(group)).toEqual([newcomer])
    for (const answer of await grantBothWays(gone))
      expect(answer).toMatchObject({ code: 'scim.account-replaced', transient: false })
  })

  it('is the one that came after it where that says so', async () => {
    const again = server.addUser({ userName: name, externalId: 'tom' })
    const gone = kept('0d6cf9a4-5bb1-4a7f-b2f5-6a9be47d52f1')
    for (const answer of await grantBothWays(gone))
      expect(answer).toEqual({ account: { id: again, member: again } })
  })

  it.each([
    ['external id', { externalId: 'somebody-else', employeeNumber: undefined }, {}],
    [
      'external id of elsewhere',
      { externalId: 'E-9', employeeNumber: undefined },
      { externalId: 'E-1' },
    ],
    ['number', { externalId: undefined, employeeNumber: '9' }, { employeeNumber: '1' }],
  ])("is somebody else's by its %s", async (_, { externalId, employeeNumber }, subject) => {
    numberAll(employeeNumber)
    const theirs = server.addUser({
      userName: name,
      email,
      ...(externalId === undefined ? {} : { externalId }),
    })
    for (const answer of await grantBothWays(tom(subject)))
      expect(answer).toMatchObject({ code: 'scim.account-of-another', transient: false })
    server.addMember(group, theirs)
    expect(await connect().readBack(tom(subject), signal)).toMatchObject({
      state: 'unknown',
      code: 'scim.account-of-another',
    })
    await expect(connect().revoke(tom(subject), signal)).rejects.toMatchObject({
      code: 'scim.account-of-another',
    })
    expect(server.membersOf(group)).toContain(theirs)
  })

  it('is found under its external id when somebody else has the name by now', async () => {
    server.addUser({ userName: name, externalId: 'new-hire' })
    const his = server.addUser({ userName: 'tom.old', externalId: 'tom' })
    for (const answer of await grantBothWays(tom()))
      expect(answer).toEqual({ account: { id: his, member: his } })
  })

  it.each([
    ['our id', { externalId: 'tom', employeeNumber: undefined }, {}],
    ['an id of elsewhere', { externalId: 'E-1', employeeNumber: undefined }, { externalId: 'E-1' }],
    ['a number', { externalId: undefined, employeeNumber: '7' }, { employeeNumber: '7' }],
  ])(
    'is told by %s where others share the user name',
    async (_, { externalId, employeeNumber }, subject) => {
      const shared = tom({ userNameShared: true, ...subject })
      const silent = server.addUser({ userName: name })
      for (const answer of await grantBothWays(shared))
        expect(answer).toMatchObject({ code: 'scim.user-name-shared', transient: false })
      server.removeUser(silent)
      numberAll(employeeNumber)
      const his = server.addUser({
        userName: name,
        ...(externalId === undefined ? {} : { externalId }),
      })
      for (const answer of await grantBothWays(shared))
        expect(answer).toEqual({ account: { id: his, member: his } })
    },
  )

  it('isn’t one that only has an address that others share, until something tells whose it is', async () => {
    const shared = tom({ emailShared: true })
    const theirs = server.addUser({ userName: 'bob@northwind.example', email })
    for (const answer of await grantBothWays(shared))
      expect(answer).toMatchObject({ code: 'scim.email-shared', transient: false })
    expect(server.membersOf(group)).not.toContain(theirs)
    await expect(connect().revoke(shared, signal)).rejects.toMatchObject({
      code: 'scim.email-shared',
    })
    expect(await connect().readBack(shared, signal)).toMatchObject({
      state: 'unknown',
      unreadable: false,
      code: 'scim.email-shared',
    })
    // With a connector that may make accounts neither: it isn't known that they have none.
    await expect(connect({ createUsers: true }).grant(shared, signal)).rejects.toMatchObject({
      code: 'scim.email-shared',
    })
    const his = server.addUser({ userName: name, email })
    for (const answer of await grantBothWays(shared))
      expect(answer).toEqual({ account: { id: his, member: his } })
  })

  it('is made with what the directory knows', async () => {
    const { subject } = tom({ givenName: 'Tom', familyName: 'Okafor', employeeNumber: '17' })
    await connect({ createUsers: true }).grant({ ...tom(), subject }, signal)
    const made = server.requests.find(({ method }) => method === 'POST')
    expect(made?.body).toEqual({
      schemas: [
        'urn:ietf:params:scim:schemas:core:2.0:User',
        'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
      ],
      userName: name,
      externalId: 'tom',
      displayName: subject.displayName,
      name: { givenName: 'Tom', familyName: 'Okafor' },
      emails: [{ value: email, primary: true }],
      active: true,
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': { employeeNumber: '17' },
    })
    await connect({ createUsers: true }).grant(accessOf('anna', group), signal)
    const second = server.requests.findLast(({ method }) => method === 'POST')
    expect(second?.body).not.toHaveProperty('name')
  })
})
