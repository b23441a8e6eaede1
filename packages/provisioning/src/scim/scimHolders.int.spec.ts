import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Holder } from '../connector.ts'
import { accessOf, type ScimServer, startScimServer } from '../testing/index.ts'
import { createScimConnector, type ScimConnectorOptions } from './scimConnector.ts'

const { signal } = new AbortController()

describe('who is in a group of a SCIM service', () => {
  let server: ScimServer
  let group: string
  beforeEach(async () => {
    server = await startScimServer()
    group = server.addGroup('Marketing')
  })
  afterEach(() => server.close())

  const pagesOf = async (options: Partial<ScimConnectorOptions> = {}) => {
    const clock = { now: () => '2026-03-01T09:00:00.000Z' }
    const { url: baseUrl, token } = server
    const connector = createScimConnector({ name: 'idm', baseUrl, token, clock, ...options })
    const pages: (readonly Holder[])[] = []
    for await (const page of connector.holders?.(accessOf('x', group), signal) ?? [])
      pages.push(page)
    return pages
  }
  const fill = (count: number): void => {
    for (let n = 0; n < count; n += 1)
      server.addMember(group, server.addUser({ userName: `person-${n}`, externalId: `p${n}` }))
  }
  const list = (totalResults: number, users: readonly object[]) => ({
    status: 200,
    headers: { 'content-type': 'application/scim+json' },
    body: JSON.stringify({
      schemas: ['urn:ietf:params:scim:api:messages:2.0:ListResponse'],
      totalResults,
      Resources: users,
    }),
  })

  it('is told with what the accounts say, a page at a time, by few requests', async () => {
    fill(250)
    const gone = server.addUser({ userName: 'anna', email: 'anna@northwind.example' })
    server.addMember(group, gone)
    server.addMember(group, 'an-account-that-is-gone')
    const pages = await pagesOf()
    expect(pages.map(({ length }) => length)).toEqual([160, 92])
    const all = pages.flat()
    expect(new Set(all.map(({ label }) => label)).size).toBe(252)
    const accountOf = (id: string | undefined) => ({ id, member: id })
    const members = server.membersOf(group)
    expect(all[0]).toEqual({
      subjectId: 'p0',
      userName: 'person-0',
      email: null,
      employeeNumber: null,
      account: accountOf(members[0]),
      label: 'person-0',
    })
    expect(all.slice(-2)).toEqual([
      {
        subjectId: null,
        userName: 'anna',
        email: 'anna@northwind.example',
        employeeNumber: null,
        account: accountOf(gone),
        label: 'anna',
      },
      {
        subjectId: null,
        userName: null,
        email: null,
        employeeNumber: null,
        account: accountOf('an-account-that-is-gone'),
        label: 'an-account-that-is-gone',
      },
    ])
    expect(server.requests.length).toBeLessThan(12)
  })

  it('is asked one by one where the service ignores filters', async () => {
    for (let n = 0; n < 60; n += 1) server.addUser({ userName: `other-${n}` })
    fill(3)
    server.ignoreFilters()
    expect((await pagesOf()).flat().map(({ userName }) => userName)).toEqual([
      'person-0',
      'person-1',
      'person-2',
    ])
  })

  it('is asked of the accounts where the group is too long for one answer', async () => {
    fill(100)
    const inside = (n: number, type = 'direct') => ({
      id: `u${n}`,
      userName: `person-${n}`,
      groups: [{ value: group, type }],
    })
    const address = 'filter=groups.value'
    server.fail({ ...list(3, [inside(0), inside(1, 'indirect')]), address, times: 1 })
    server.fail({ ...list(3, [inside(2)]), address, times: 1 })
    const pages = await pagesOf({ maxAnswerBytes: 2_000 })
    expect(pages.map((page) => page.map(({ userName }) => userName))).toEqual([
      ['person-0'],
      ['person-2'],
    ])
    expect(server.requests.at(-1)?.url).toContain('startIndex=3')
  })

  it('is never guessed from accounts that do not say that they are in the group', async () => {
    fill(100)
    server.fail({ ...list(1, [{ id: 'u1', userName: 'x' }]), address: 'groups.value', times: 1 })
    await expect(pagesOf({ maxAnswerBytes: 2_000 })).rejects.toMatchObject({
      code: 'scim.group-too-large',
      transient: false,
    })
  })

  it('is nobody where the group is gone, and an error where the address is wrong', async () => {
    server.removeGroup(group)
    expect(await pagesOf()).toEqual([])
    await expect(pagesOf({ baseUrl: `${server.url}/nowhere` })).rejects.toThrow(/404/)
  })
})
