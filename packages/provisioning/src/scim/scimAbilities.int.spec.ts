import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type ScimServer, scimSilences, startScimServer } from '../testing/index.ts'
import { createScimConnector, type ScimConnectorOptions } from './scimConnector.ts'

const clock = { now: () => '2026-03-01T09:00:00.000Z' }

describe('what a SCIM service is found to do', () => {
  let server: ScimServer
  beforeEach(async () => {
    server = await startScimServer()
  })
  afterEach(() => server.close())

  const found = async (options: Partial<ScimConnectorOptions> = {}) => {
    const connector = createScimConnector({
      name: 'idm',
      baseUrl: server.url,
      token: server.token,
      clock,
      ...options,
    })
    const all = (await connector.abilities?.(AbortSignal.timeout(30_000))) ?? []
    expect(server.requests.every(({ method }) => method === 'GET')).toBe(true)
    return Object.fromEntries(all.map(({ ability, can }) => [ability, can]))
  }
  const populate = () => {
    for (const name of ['Empty', 'Staff']) {
      const group = server.addGroup(name)
      const email = `${name}@northwind.example`
      const user = server.addUser({ userName: name, email })
      if (name === 'Staff') server.addMember(group, user)
    }
  }

  it('is everything, where it does everything', async () => {
    populate()
    server.tellGroups()
    expect(await found()).toEqual({
      'find-by-external-id': 'yes',
      'find-by-email': 'yes',
      'list-members': 'yes',
      'filter-by-member': 'yes',
      'tell-groups-of-account': 'yes',
      'read-back': 'yes',
    })
  })

  it('is not known where nobody has anything', async () => {
    expect(await found()).toMatchObject({ 'list-members': 'not known', 'read-back': 'not known' })
    expect(await found({ grantAs: 'role' })).toMatchObject({
      'show-roles': 'not known',
      'read-back': 'not known',
    })
  })

  it.each(['lists nobody', 'leaves members out'] as const)(
    'is no list where it %s',
    async (way) => {
      populate()
      server.speak(scimSilences[way])
      expect(await found()).toMatchObject({ 'list-members': 'no', 'read-back': 'not known' })
      server.speak(scimSilences['refuses to filter by members'])
      expect(await found()).toMatchObject({ 'filter-by-member': 'no' })
      server.tellGroups()
      expect(await found()).toMatchObject({ 'tell-groups-of-account': 'yes', 'read-back': 'yes' })
    },
  )

  it.each(['refuses to filter by members', 'finds nobody by members'] as const)(
    'is no filter where it %s',
    async (way) => {
      populate()
      server.speak(scimSilences[way])
      expect(await found()).toMatchObject({
        'list-members': 'yes',
        'filter-by-member': 'no',
        'read-back': 'yes',
      })
    },
  )

  it('is no look-up by what it ignores or refuses', async () => {
    populate()
    server.ignoreFilters()
    expect(await found()).toMatchObject({ 'find-by-external-id': 'no', 'find-by-email': 'no' })
    expect(await found({ alsoLookUpBy: [] })).not.toHaveProperty('find-by-email')
  })

  it('is roles where any account shows one', async () => {
    server.addValue(server.addUser({ userName: 'anna' }), 'roles', 'reader')
    expect(await found({ grantAs: 'role' })).toMatchObject({
      'show-roles': 'yes',
      'read-back': 'yes',
    })
  })
})
