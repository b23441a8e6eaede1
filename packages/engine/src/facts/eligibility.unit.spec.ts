import type { ExternalDirectory, Membership, Person } from '@portcullis/directory'
import type { PolicyState, PolicyTerms } from '@portcullis/domain'
import { exampleTerms } from '@portcullis/domain/testing'
import { describe, expect, it } from 'vitest'
import { policyApplications } from './eligibility.ts'

const NOW = '2026-06-01T08:00:00.000Z'
const person = (changes: Partial<Person> = {}): Person => ({
  id: 'alice',
  userName: 'alice',
  displayName: 'Alice',
  email: 'alice@example.com',
  enabled: true,
  locale: 'en',
  zone: null,
  externalDirectoryId: null,
  directoryRoles: [],
  ...changes,
})
const policy = (policyId: string, requestors: PolicyTerms['requestors']): PolicyState => ({
  policyId,
  policyVersion: 3,
  enabled: true,
  terms: exampleTerms({ requestors }),
})
const groups = (...ids: readonly string[]): PolicyTerms['requestors'] => ({
  kind: 'directory',
  principals: ids.map((id) => ({ kind: 'group', id })),
})
const external = (...directoryIds: string[]): PolicyTerms['requestors'] => ({
  kind: 'external',
  directoryIds,
})

/** Answers from what it is given and keeps what it was asked. */
const directoryOf = (
  memberships: readonly Membership[] = [],
  refusedBecause: string | null = null,
) => {
  const asked: unknown[] = []
  return {
    asked,
    membershipsIn: async (personId: string, groupIds: readonly string[]) => {
      asked.push([personId, ...groupIds])
      return memberships
    },
    externalDirectories: async (ids: readonly string[]) => {
      asked.push(ids)
      const known: ExternalDirectory = {
        id: 'fab',
        displayName: 'Fabrikam',
        initialDomain: 'fabrikam.example',
        domains: ['fabrikam.example'],
        allowed: refusedBecause === null,
        refusedBecause,
      }
      return new Map(ids.includes('fab') ? [['fab', known]] : [])
    },
  }
}

describe('policyApplications (S7 to S9)', () => {
  it('judges every policy in its order, with one look-up of the memberships', async () => {
    const directory = directoryOf([{ groupId: 'eng', groupName: 'Engineers', until: null }])
    const found = await policyApplications(
      directory,
      [
        policy('first', groups('sales')),
        policy('second', groups('sales', 'eng')),
        policy('others', external('fab')),
      ],
      person(),
      NOW,
    )
    expect(found.map(({ policyId, basis }) => [policyId, basis?.id])).toEqual([
      ['first', undefined],
      ['second', 'eng'],
      ['others', undefined],
    ])
    expect(directory.asked).toEqual([['alice', 'sales', 'eng']])
  })

  it('asks nothing about somebody whom the directory doesn’t know', async () => {
    const directory = directoryOf()
    const [found] = await policyApplications(
      directory,
      [policy('p', groups('eng'))],
      undefined,
      NOW,
    )
    expect([found?.basis, directory.asked]).toEqual([null, []])
  })

  it.each([
    ['fab', null, 'fab', /lets in everybody of external directory 'Fabrikam'/],
    ['fab', 'is marked as not allowed', undefined, /'Fabrikam': it is marked as not allowed/],
    ['lost', null, undefined, /'lost': it is not known/],
  ])(
    'looks whether external directory %s (%s) is allowed now (S8)',
    async (id, refused, basis, reason) => {
      const [found] = await policyApplications(
        directoryOf([], refused),
        [policy('p', external('fab', 'lost'))],
        person({ externalDirectoryId: id }),
        NOW,
      )
      expect(found?.basis?.id).toBe(basis)
      expect(found?.reason).toMatch(reason)
    },
  )
})
