import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Access, Connector } from '../connector.ts'
import { accessOf, type ScimServer, scimSilences, startScimServer } from '../testing/index.ts'
import { createScimConnector, type ScimConnectorOptions } from './scimConnector.ts'

const clock = { now: () => '2026-03-01T09:00:00.000Z' }
const { signal } = new AbortController()

describe('what a SCIM service says of who is in a group', () => {
  let server: ScimServer
  let group: string
  let alice: string
  beforeEach(async () => {
    server = await startScimServer()
    group = server.addGroup('Marketing')
    alice = server.addUser({ userName: 'alice@northwind.example' })
    server.addUser({ userName: 'bob@northwind.example' })
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
  const access = (id = 'alice'): Access => accessOf(id, group)
  const read = (connector: Connector, id?: string) => connector.readBack(access(id), signal)
  const present = { state: 'present' }
  const absent = { state: 'absent' }
  const unreadable = { state: 'unknown', unreadable: true, code: 'scim.members-not-told' }
  const others = (count: number) => {
    for (let n = 0; n < count; n += 1)
      server.addMember(group, server.addUser({ userName: `other-${n}` }))
  }
  /** As other processes would do it, each with a connector of its own that has seen nothing yet. */
  const eachWay = async (expected: {
    readonly before: object
    readonly granted: object
    readonly revoked: object
  }) => {
    for (const fresh of [false, true]) {
      let connector = connect()
      const next = () => {
        if (fresh) connector = connect()
        return connector
      }
      expect(await read(next())).toMatchObject(expected.before)
      await next().grant(access(), signal)
      expect(server.membersOf(group)).toContain(alice)
      expect(await read(next())).toMatchObject(expected.granted)
      await next().revoke(access(), signal)
      expect(server.membersOf(group)).not.toContain(alice)
      // Who has seen the target say yes takes its no; nobody else does.
      if (!fresh) expect(await read(next())).toMatchObject(expected.revoked)
      else expect(['absent', 'unknown']).toContain((await read(next())).state)
      const both = ['alice', 'bob'].map((id) => ({ access: access(id), operationId: id }))
      await next().many?.grant(both, signal)
      const accesses = both.map((one) => one.access)
      for (const one of (await next().many?.readBack(accesses, signal)) ?? [])
        expect(one).toMatchObject(expected.granted)
      await next().many?.revoke(both, signal)
      for (const one of (await next().many?.readBack(accesses, signal)) ?? [])
        expect(one).not.toMatchObject(present)
    }
  }

  it.each(['lists nobody', 'leaves members out'] as const)(
    'is asked by filter where it %s',
    async (silence) => {
      server.speak(scimSilences[silence])
      await eachWay({
        before: { state: 'unknown', unreadable: true },
        granted: present,
        revoked: absent,
      })
    },
  )

  it('is asked in the other way where it takes only that', async () => {
    server.speak(scimSilences['lists nobody'])
    server.speak(scimSilences['takes only "members eq"'])
    await connect().grant(access(), signal)
    expect(server.requests.some(({ url }) => /filter=[^&]*members\+eq/.test(url))).toBe(false)
    await read(connect())
    expect(server.requests.some(({ url }) => /filter=[^&]*members\+eq/.test(url))).toBe(true)
  })

  it.each(['refuses to filter by members', 'finds nobody by members'] as const)(
    'is asked by account where it lists nobody and %s',
    async (silence) => {
      server.speak(scimSilences['lists nobody'])
      server.speak(scimSilences[silence])
      server.tellGroups()
      await eachWay({
        before: { state: 'unknown', unreadable: true },
        granted: present,
        revoked: absent,
      })
    },
  )

  it.each(['refuses to filter by members', 'finds nobody by members'] as const)(
    'is nothing at all where it lists nobody and %s: then its word counts',
    async (silence) => {
      server.speak(scimSilences['leaves members out'])
      server.speak(scimSilences[silence])
      await eachWay({ before: unreadable, granted: unreadable, revoked: unreadable })
      const holders = async () => {
        for await (const page of connect().holders?.(access(), signal) ?? []) return page
        return []
      }
      await expect(holders()).rejects.toMatchObject({ code: 'scim.members-not-told' })
    },
  )

  it('is never taken from a filter that finds everybody', async () => {
    server.speak(scimSilences['lists nobody'])
    server.speak((said, { url }) =>
      /filter=[^&]*members/.test(url)
        ? {
            ...said,
            status: 200,
            body: JSON.stringify({ totalResults: 1, Resources: [{ id: group }] }),
          }
        : said,
    )
    expect(await read(connect())).toMatchObject(unreadable)
  })

  it('is known by its list where that shows members and the filter finds nobody', async () => {
    others(2)
    server.speak(scimSilences['finds nobody by members'])
    await eachWay({ before: absent, granted: present, revoked: absent })
  })

  it('is asked by filter who is not in a list that is cut', async () => {
    others(3)
    server.speak(scimSilences['lists the first three'])
    await eachWay({ before: absent, granted: present, revoked: absent })
  })

  it('is asked by account who is not in a list that is cut', async () => {
    others(3)
    server.speak(scimSilences['lists the first three'])
    server.speak(scimSilences['refuses to filter by members'])
    server.tellGroups()
    await eachWay({ before: absent, granted: present, revoked: absent })
  })

  it('is not known by a list as long as lists are cut, where nothing else tells', async () => {
    others(12)
    server.speak(scimSilences['lists the first ten'])
    server.speak(scimSilences['refuses to filter by members'])
    expect(await read(connect())).toMatchObject(unreadable)
  })

  it('shows changes that were confirmed and not made', async () => {
    others(2)
    server.fail({ status: 204, methods: ['PATCH'], times: 1 })
    await connect().grant(access(), signal)
    expect(await read(connect())).toMatchObject(absent)
    server.addMember(group, alice)
    server.fail({ status: 204, methods: ['PATCH'], times: 1 })
    await connect().revoke(access(), signal)
    expect(await read(connect())).toMatchObject(present)
  })

  it('is partly done at times: each is told by itself', async () => {
    others(2)
    const connector = connect()
    const both = ['alice', 'bob'].map((id) => ({ access: access(id), operationId: id }))
    await connector.many?.grant(both, signal)
    // The service takes out one of two and says that it is done.
    server.fail({ status: 200, body: '{}', methods: ['PATCH'], times: 1 })
    await connector.many?.revoke(both, signal)
    await connector.revoke(access('bob'), signal)
    const said = await connector.many?.readBack(
      both.map((one) => one.access),
      signal,
    )
    expect(said).toMatchObject([present, absent])
  })

  it.each([403, 404, 409, 400])('never counts a refused removal as done: %s', async (status) => {
    server.addMember(group, alice)
    server.fail({ status, methods: ['PATCH'], times: Number.MAX_SAFE_INTEGER })
    await expect(connect().revoke(access(), signal)).rejects.toMatchObject({
      code: status === 403 ? 'scim.forbidden' : 'scim.remove-refused',
    })
    const [answer] =
      (await connect()
        .many?.revoke(
          [
            { access: access(), operationId: 'a' },
            { access: access('bob'), operationId: 'b' },
          ],
          signal,
        )
        .catch((error: unknown) => [error])) ?? []
    expect(answer).toMatchObject({ code: expect.stringMatching(/refused|forbidden/) })
  })

  it('is nobody where the group is gone, and an error where all groups seem to be', async () => {
    server.addMember(group, alice)
    const body = JSON.stringify({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'] })
    server.fail({ status: 404, body, address: '/Groups', times: Number.MAX_SAFE_INTEGER })
    const refused = { transient: false }
    await expect(read(connect())).rejects.toMatchObject({ ...refused, code: 'scim.read-refused' })
    await expect(connect().revoke(access(), signal)).rejects.toMatchObject(refused)
    server.heal()
    server.removeGroup(group)
    expect(await read(connect())).toMatchObject(absent)
    await connect().revoke(access(), signal)
  })

  it('is not told for good by a target that shows no roles of accounts', async () => {
    const app = accessOf('alice', 'app', 'reader')
    const connector = connect({ grantAs: 'role' })
    server.speak((said, { method }) =>
      method === 'GET'
        ? { ...said, body: said.body.replace(/"roles":\[[^\]]*\]/g, '"roles":[]') }
        : said,
    )
    for (const call of ['grant', 'revoke'] as const) {
      await connector[call](app, signal)
      expect(server.usersWith('roles', 'reader')).toHaveLength(call === 'grant' ? 1 : 0)
      expect(await connector.readBack(app, signal)).toMatchObject(unreadable)
    }
  })
})
