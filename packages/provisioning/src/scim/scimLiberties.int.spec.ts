import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Connector, Holder } from '../connector.ts'
import {
  accessOf,
  type ScimServer,
  scimLiberties,
  startScimServer,
  statesOf,
} from '../testing/index.ts'
import { createScimConnector, type ScimConnectorOptions } from './scimConnector.ts'

const clock = { now: () => '2026-03-01T09:00:00.000Z' }
const { signal } = new AbortController()

describe('liberties that SCIM services take', () => {
  let server: ScimServer
  let group: string
  beforeEach(async () => {
    server = await startScimServer()
    server.countIds()
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

  const stateOf = async (connector: Connector, subjectId: string) =>
    (await connector.readBack(accessOf(subjectId, group), signal)).state

  it.each(Object.entries(scimLiberties))('%s', async (_, way) => {
    server.speak(way)
    const connector = connect({ createUsers: true })
    const bob = server.addUser({ userName: 'bob@northwind.example' })
    const alice = server.addUser({ userName: 'renamed', externalId: 'alice' })
    await connector.probe()
    await connector.grant(accessOf('alice', group), signal)
    expect(server.membersOf(group)).toEqual([alice])
    expect(await stateOf(connector, 'alice')).toBe('present')
    const more = ['bob', 'carol', 'dave'].map((id, n) => ({
      access: accessOf(id, group),
      operationId: `${n}`,
    }))
    for (const answer of (await connector.many?.grant(more, signal)) ?? [])
      expect(answer).toMatchObject({ account: { id: expect.any(String) } })
    expect(server.membersOf(group)).toHaveLength(4)
    expect(server.membersOf(group)).toContain(bob)
    expect(server.userNames()).toHaveLength(4)
    const holders: Holder[] = []
    for await (const page of connector.holders?.(accessOf('x', group), signal) ?? [])
      holders.push(...page)
    expect(holders.map(({ userName }) => userName).sort()).toEqual([
      'bob@northwind.example',
      'carol@northwind.example',
      'dave@northwind.example',
      'renamed',
    ])
    await connector.revoke(accessOf('alice', group), signal)
    expect(await stateOf(connector, 'alice')).toBe('absent')
    await connector.many?.revoke(more.slice(1), signal)
    expect(server.membersOf(group)).toEqual([bob])
    const accesses = more.map(({ access }) => access)
    expect(statesOf((await connector.many?.readBack(accesses, signal)) ?? [])).toEqual([
      'present',
      'absent',
      'absent',
    ])
  })

  it('takes only plain JSON (415)', async () => {
    const alice = server.addUser({ userName: 'alice@northwind.example' })
    server.fail({ status: 415, methods: ['PATCH'], times: 1 })
    await connect().grant(accessOf('alice', group), signal)
    expect(server.membersOf(group)).toEqual([alice])
    expect(server.contentTypes).toEqual(['application/scim+json', 'application/json'])
  })

  it.each([
    ['a page that is not SCIM', '<html>', 'scim.not-scim', false],
    ['an id that is no id', '{"totalResults":1,"Resources":[{"id":1.5}]}', 'scim.not-scim', false],
    ['more than it lists', '{"totalResults":3}', 'scim.list-incomplete', true],
    ['an empty page of some', '{"totalResults":1,"Resources":[]}', 'scim.list-incomplete', true],
    [
      'the same page again and again',
      '{"totalResults":3,"Resources":[{"id":"a","userName":"x"}]}',
      'scim.list-incomplete',
      true,
    ],
  ])('is never taken for "not there": %s', async (_, body, code, transient) => {
    server.addUser({ userName: 'alice@northwind.example' })
    server.fail({ status: 200, body, address: '/Users', times: Number.MAX_SAFE_INTEGER })
    const { grant, revoke, readBack } = connect()
    for (const call of [grant, revoke, readBack])
      await expect(call(accessOf('alice', group), signal)).rejects.toMatchObject({
        code,
        transient,
      })
  })

  it.each([false, 'False', 0])(
    'gives nothing to an account that is deactivated: %s',
    async (is) => {
      server.speak((said) => ({
        ...said,
        body: said.body.replaceAll('"active":false', `"active":${JSON.stringify(is)}`),
      }))
      const alice = server.addUser({ userName: 'alice@northwind.example', active: false })
      server.addUser({ userName: 'bob@northwind.example' })
      const connector = connect()
      const refusal = { code: 'scim.account-inactive', transient: false }
      await expect(connector.grant(accessOf('alice', group), signal)).rejects.toMatchObject(refusal)
      const both = ['alice', 'bob'].map((id) => ({ access: accessOf(id, group), operationId: id }))
      const [refused, done] = (await connector.many?.grant(both, signal)) ?? []
      expect(refused).toMatchObject(refusal)
      expect(done).toMatchObject({ account: { id: expect.any(String) } })
      server.addMember(group, alice)
      expect(await stateOf(connector, 'alice')).toBe('present')
      await connector.revoke(accessOf('alice', group), signal)
      expect(server.membersOf(group)).not.toContain(alice)
      server.addMember(group, alice)
      await connector.many?.revoke(both, signal)
      expect(server.membersOf(group)).toEqual([])
    },
  )
})
