import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Access } from '../connector.ts'
import { accessOf, type ScimServer, scimSilences, startScimServer } from '../testing/index.ts'
import { createScimConnector } from './scimConnector.ts'

const clock = { now: () => '2026-03-01T09:00:00.000Z' }
const { signal } = new AbortController()
const unreadable = { state: 'unknown', unreadable: true, code: 'scim.members-not-told' }

describe('a group that lists nobody, of a SCIM service that lists the members of others', () => {
  let server: ScimServer
  let group: string
  let alice: string
  let bob: string
  let open: string
  beforeEach(async () => {
    server = await startScimServer()
    group = server.addGroup('Hidden')
    alice = server.addUser({ userName: 'alice@northwind.example' })
    bob = server.addUser({ userName: 'bob@northwind.example' })
    open = server.addGroup('Open')
    server.addMember(open, bob)
    server.speak(scimSilences['refuses to filter by members'])
  })
  afterEach(() => server.close())

  const connect = () =>
    createScimConnector({ name: 'idm', baseUrl: server.url, token: server.token, clock })
  const hide = () =>
    server.speak((said, asked) =>
      asked.url.includes(group) ? scimSilences['lists nobody'](said, asked) : said,
    )
  const refuseChanges = () =>
    server.fail({ status: 400, methods: ['PATCH'], times: Number.MAX_SAFE_INTEGER })
  const access = (known: Partial<Access> = {}): Access => ({
    ...accessOf('alice', group),
    ...known,
  })
  const holders = async () => {
    const found: unknown[] = []
    for await (const page of connect().holders?.(access(), signal) ?? [])
      found.push(...page.map(({ userName }) => userName))
    return found
  }

  it('takes the target’s word, for its list tells nothing', async () => {
    hide()
    const connector = connect()
    // Others are told all the while.
    const other = accessOf('bob', server.addGroup('Another'))
    await connector.grant(other, signal)
    expect(await connector.readBack(other, signal)).toMatchObject({ state: 'present' })
    await connector.grant(access(), signal)
    expect(await connector.readBack(access(), signal)).toMatchObject(unreadable)
    await connector.revoke(access(), signal)
    expect(server.membersOf(group)).toEqual([])
    expect(await connector.readBack(access(), signal)).toMatchObject(unreadable)
  })

  it('takes no refused removal for done', async () => {
    hide()
    server.addMember(group, alice)
    refuseChanges()
    await expect(connect().revoke(access(), signal)).rejects.toMatchObject({
      code: 'scim.remove-refused',
    })
  })

  it('is empty where it has listed somebody before', async () => {
    server.addMember(group, alice)
    const connector = connect()
    expect(await connector.readBack(access(), signal)).toMatchObject({ state: 'present' })
    server.removeMember(group, alice)
    expect(await connector.readBack(access(), signal)).toMatchObject({ state: 'absent' })
    refuseChanges()
    await connector.revoke(access(), signal)
  })

  it('is known for what it is by a grant that was never read back, by whichever process', async () => {
    hide()
    server.addMember(group, alice)
    expect(await connect().readBack(access({ confirmed: false }), signal)).toMatchObject(unreadable)
  })

  it('is empty where this access has been read back before, by whichever process', async () => {
    const known = access({ confirmed: true })
    expect(await connect().readBack(known, signal)).toMatchObject({ state: 'absent' })
    refuseChanges()
    await connect().revoke(known, signal)
    await expect(connect().revoke(access(), signal)).rejects.toMatchObject({
      code: 'scim.remove-refused',
    })
  })

  it('has whom the accounts say, in a scan', async () => {
    hide()
    server.addMember(group, alice)
    expect(await holders()).toEqual([])
    server.speak((said, { url }) =>
      url.includes('groups.value')
        ? {
            ...said,
            status: 200,
            body: JSON.stringify({
              totalResults: 1,
              Resources: [{ id: alice, userName: 'alice', groups: [{ value: group }] }],
            }),
          }
        : said,
    )
    expect(await holders()).toEqual(['alice'])
  })

  it('is empty to a scan, however many other groups are empty too', async () => {
    server.removeMember(open, bob)
    for (let n = 0; n < 40; n += 1) server.addGroup(`Empty ${n}`)
    await expect(holders()).rejects.toMatchObject({ code: 'scim.members-not-told' })
    server.addMember(server.addGroup('The last one'), bob)
    expect(await holders()).toEqual([])
  })
})
