import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { accessOf, type ScimServer, startScimServer } from '../testing/index.ts'
import { createScimConnector } from './scimConnector.ts'

const clock = { now: () => '2026-03-01T09:00:00.000Z' }
const { signal } = new AbortController()

describe('a service that offers versions (RFC 7644 §3.14)', () => {
  let server: ScimServer
  let group: string
  let alice: string
  /** Somebody else changes the group right before each of the next so many PATCHes. */
  let others = 0
  beforeEach(async () => {
    others = 0
    server = await startScimServer(() => {
      if (others === 0 || server.requests.at(-1)?.method !== 'PATCH') return
      others -= 1
      server.addMember(group, `somebody-${others}`)
    })
    server.offerVersions()
    group = server.addGroup('Marketing')
    alice = server.addUser({ userName: 'alice@northwind.example' })
  })
  afterEach(() => server.close())

  const connect = () =>
    createScimConnector({ name: 'idm', baseUrl: server.url, token: server.token, clock })

  it('is changed in the version that was seen', async () => {
    await connect().grant(accessOf('alice', group), signal)
    expect(server.membersOf(group)).toEqual([alice])
  })

  it('is read again when somebody else was quicker', async () => {
    others = 2
    await connect().grant(accessOf('alice', group), signal)
    expect(server.membersOf(group)).toEqual(['somebody-1', 'somebody-0', alice])
  })

  it('is left for later when others are quicker again and again', async () => {
    others = 1000
    await expect(connect().grant(accessOf('alice', group), signal)).rejects.toMatchObject({
      code: 'scim.add-refused',
      transient: true,
    })
    expect(server.requests.filter(({ method }) => method === 'PATCH')).toHaveLength(10)
    others = 0
    await connect().grant(accessOf('alice', group), signal)
    expect(server.membersOf(group)).toContain(alice)
  })
})

describe('a service that offers none', () => {
  it('is asked for one once', async () => {
    const server = await startScimServer()
    const group = server.addGroup('Marketing')
    const connector = createScimConnector({
      name: 'idm',
      baseUrl: server.url,
      token: server.token,
      clock,
    })
    for (const id of ['alice', 'bob']) {
      server.addUser({ userName: `${id}@northwind.example` })
      await connector.grant(accessOf(id, group), signal)
    }
    expect(server.requests.filter(({ url }) => url.includes('meta'))).toHaveLength(1)
    await server.close()
  })
})

describe('a service that tells versions only in the header, and wants one named (428)', () => {
  it.each(['header', 'whole'] as const)(
    'is changed in the version that was seen: %s',
    async (where) => {
      let others = 2
      let group = ''
      const server = await startScimServer(() => {
        if (others === 0 || server.requests.at(-1)?.method !== 'PATCH') return
        others -= 1
        server.addMember(group, `somebody-${others}`)
      })
      server.offerVersions(where)
      group = server.addGroup('Marketing')
      const ids = Array.from({ length: 20 }, (_, n) => `person-${n}`)
      const users = ids.map((id) =>
        server.addUser({ userName: accessOf(id, group).subject.userName }),
      )
      const connector = createScimConnector({
        name: 'idm',
        baseUrl: server.url,
        token: server.token,
        clock,
      })
      // Side by side: several find out at the same time that a version is wanted.
      await Promise.all(ids.map((id) => connector.grant(accessOf(id, group), signal)))
      expect([...server.membersOf(group)].sort()).toEqual(
        [...users, 'somebody-0', 'somebody-1'].sort(),
      )
      await connector.revoke(accessOf('person-3', group), signal)
      expect(server.membersOf(group)).not.toContain(users[3])
      await server.close()
    },
  )

  it('is changed by role and entitlement, too', async () => {
    const server = await startScimServer()
    server.offerVersions('header')
    const alice = server.addUser({ userName: 'alice@northwind.example' })
    const connector = createScimConnector({
      name: 'idm',
      baseUrl: server.url,
      token: server.token,
      clock,
      grantAs: 'role',
    })
    await connector.grant(accessOf('alice', 'app', 'reader'), signal)
    expect(server.usersWith('roles', 'reader')).toEqual([alice])
    await server.close()
  })

  it('is an error that says so where no version is told at all', async () => {
    const server = await startScimServer()
    const group = server.addGroup('Marketing')
    server.addUser({ userName: 'alice@northwind.example' })
    server.fail({ status: 428, methods: ['PATCH'], times: Number.MAX_SAFE_INTEGER })
    server.speak((said) => ({ ...said, headers: { etag: '' } }))
    const connector = createScimConnector({
      name: 'idm',
      baseUrl: server.url,
      token: server.token,
      clock,
    })
    await expect(connector.grant(accessOf('alice', group), signal)).rejects.toMatchObject({
      code: 'scim.version-unknown',
      transient: false,
    })
    await server.close()
  })

  it('takes no header for a version that frameworks make up', async () => {
    const server = await startScimServer()
    server.offerVersions()
    server.speak((said) => ({ ...said, headers: { etag: 'W/"made-up"' } }))
    const group = server.addGroup('Marketing')
    const alice = server.addUser({ userName: 'alice@northwind.example' })
    const connector = createScimConnector({
      name: 'idm',
      baseUrl: server.url,
      token: server.token,
      clock,
    })
    await connector.grant(accessOf('alice', group), signal)
    expect(server.membersOf(group)).toEqual([alice])
    await server.close()
  })
})
