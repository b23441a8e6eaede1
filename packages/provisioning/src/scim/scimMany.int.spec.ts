import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { accessOf, type ScimServer, startScimServer, statesOf } from '../testing/index.ts'
import { createScimConnector, type ScimConnectorOptions } from './scimConnector.ts'

const clock = { now: () => '2026-03-01T09:00:00.000Z' }
const { signal } = new AbortController()
const schemas = ['urn:ietf:params:scim:api:messages:2.0:PatchOp']

describe('many members at once', () => {
  let server: ScimServer
  let group: string
  let users: readonly string[]
  const ids = ['alice', 'bob', 'carol']
  const granted = () => users.map((id) => ({ account: { id, member: id } }))
  const accesses = () => ids.map((id) => accessOf(id, group))
  const operations = () => accesses().map((access, n) => ({ access, operationId: `${n}` }))
  beforeEach(async () => {
    server = await startScimServer()
    group = server.addGroup('Marketing')
    server.addMember(server.addGroup('Everybody'), 'somebody')
    users = ids.map((id) => server.addUser({ userName: accessOf(id, group).subject.userName }))
  })
  afterEach(() => server.close())

  const connect = (options: Partial<ScimConnectorOptions> = {}) => {
    const connector = createScimConnector({
      name: 'idm',
      baseUrl: server.url,
      token: server.token,
      clock,
      ...options,
    })
    if (connector.many === undefined) throw new Error('not many at once')
    return connector.many
  }
  const patches = () => server.requests.filter(({ method }) => method === 'PATCH')

  it('are one PATCH, and their accounts one look-up (RFC 7644 §3.5.2)', async () => {
    const many = connect()
    await many.grant(operations(), signal)
    const path = `/scim/Groups/${group}`
    expect(patches()).toEqual([
      {
        method: 'PATCH',
        url: path,
        body: {
          schemas,
          Operations: [{ op: 'add', path: 'members', value: users.map((value) => ({ value })) }],
        },
      },
    ])
    expect(server.requests.filter(({ url }) => url.startsWith('/scim/Users'))).toHaveLength(1)
    await many.revoke(operations(), signal)
    expect(patches()[1]?.body).toEqual({
      schemas,
      Operations: users.map((id) => ({ op: 'remove', path: `members[value eq "${id}"]` })),
    })
    expect(server.membersOf(group)).toEqual([])
  })

  it('go one by one where the service takes no more than one', async () => {
    server.fail({ status: 400, methods: ['PATCH'], times: 1, body: '{}' })
    expect(await connect().grant(operations(), signal)).toEqual(granted())
    expect(patches()).toHaveLength(1 + ids.length)
    expect(server.membersOf(group)).toEqual(users)
  })

  it('are found one by one where the service ignores filters, or has a name twice', async () => {
    for (let n = 0; n < 40; n += 1) server.addUser({ userName: `person-${n}` })
    server.ignoreFilters()
    expect(statesOf(await connect().readBack(accesses(), signal))).toEqual(ids.map(() => 'absent'))
    await connect().grant(operations(), signal)
    expect(server.membersOf(group)).toEqual(users)
  })

  it('are found under other names as well, and made where they may be', async () => {
    const [alice = ''] = users
    server.renameUser(alice, 'a.smith')
    const access = accessOf('alice', group)
    const email = server.addUser({
      userName: 'd.jones',
      email: accessOf('dave', group).subject.email,
    })
    const all = [access, accessOf('dave', group), accessOf('eve', group)]
    const many = connect({ createUsers: true })
    await many.grant(
      all.map((each) => ({ access: each, operationId: each.subject.id })),
      signal,
    )
    expect(server.membersOf(group)).toContain(email)
    expect(server.membersOf(group)).toHaveLength(3)
    expect(server.userNames()).toContain('eve@northwind.example')
  })

  it('are told one by one whether they are in a group too long to be read', async () => {
    for (let n = 0; n < 100; n += 1) server.addMember(group, `somebody-${n}`)
    server.addMember(group, users[1] ?? '')
    const many = connect({ maxAnswerBytes: 2_000 })
    expect(statesOf(await many.readBack(accesses(), signal))).toEqual([
      'absent',
      'present',
      'absent',
    ])
  })

  it('takes nothing for done when the answer gets lost, and is done when asked again', async () => {
    server.fail({ status: 502, afterwards: true, methods: ['PATCH'], times: 1 })
    await expect(connect().grant(operations(), signal)).rejects.toMatchObject({ transient: true })
    expect(await connect().grant(operations(), signal)).toEqual(granted())
    expect(server.membersOf(group)).toEqual(users)
  })
})
