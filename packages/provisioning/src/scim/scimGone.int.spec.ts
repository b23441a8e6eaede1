import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { accessOf, type ScimServer, startScimServer } from '../testing/index.ts'
import { createScimConnector } from './scimConnector.ts'

const clock = { now: () => '2026-03-01T09:00:00.000Z' }
const { signal } = new AbortController()
const ALWAYS = Number.MAX_SAFE_INTEGER
const body = JSON.stringify({ schemas: ['urn:ietf:params:scim:api:messages:2.0:Error'] })

/**
 * One that answers 404 is gone only where the others of its kind can be listed, and it isn't among them: however they
 * are listed.
 */
describe('what a SCIM service says is not there', () => {
  let server: ScimServer
  let group: string
  let alice: string
  beforeEach(async () => {
    server = await startScimServer()
    for (let n = 0; n < 20; n += 1) {
      server.addUser({ userName: `other-${n}` })
      server.addGroup(`Other ${n}`)
    }
    group = server.addGroup('Marketing')
    alice = server.addUser({ userName: 'alice@northwind.example' })
    server.addMember(group, alice)
  })
  afterEach(() => server.close())

  const connect = () =>
    createScimConnector({ name: 'idm', baseUrl: server.url, token: server.token, clock })
  const access = () => {
    const { subject, ...where } = accessOf('alice', group)
    return { ...where, subject: { ...subject, account: { id: alice, member: alice } } }
  }
  const notListedById = {
    'takes no heed of filters, and pages': () => {
      server.ignoreFilters()
      server.pageBy(7)
    },
    'refuses to be asked by id, and pages': () => {
      server.fail({ status: 400, body, address: 'filter=id+eq', times: ALWAYS })
      server.pageBy(7)
    },
    'lists one by its id': () => {},
  }
  const ways = Object.entries(notListedById)

  it.each(ways)('is a group that is listed and only answers 404: it %s', async (_, is) => {
    is()
    server.fail({ status: 404, body, address: `/Groups/${group}`, times: ALWAYS })
    const refused = { transient: false, code: 'scim.read-refused' }
    await expect(connect().readBack(access(), signal)).rejects.toMatchObject(refused)
    await expect(connect().revoke(access(), signal)).rejects.toMatchObject(refused)
    const holders = connect().holders?.(access(), signal)[Symbol.asyncIterator]()
    await expect(holders?.next()).rejects.toMatchObject(refused)
    expect(server.membersOf(group)).toEqual([alice])
  })

  it.each(ways)('is an account that is listed and only answers 404: it %s', async (_, is) => {
    server.removeGroup(group)
    is()
    server.fail({ status: 404, body, address: `/Users/${alice}`, times: ALWAYS })
    const refused = { transient: false, code: 'scim.read-refused' }
    await expect(connect().readBack(access(), signal)).rejects.toMatchObject(refused)
    await expect(connect().revoke(access(), signal)).rejects.toMatchObject(refused)
  })

  it.each(ways)('is taken for gone where it is not among the others: it %s', async (_, is) => {
    server.removeGroup(group)
    is()
    expect(await connect().readBack(access(), signal)).toMatchObject({ state: 'absent' })
    await connect().revoke(access(), signal)
  })

  it('is not known to be gone where the list of all is refused', async () => {
    server.removeGroup(group)
    server.fail({ status: 400, body, address: '/Groups?', times: ALWAYS })
    await expect(connect().revoke(access(), signal)).rejects.toMatchObject({
      code: 'scim.read-refused',
    })
  })
})
