import type { Person } from '@portcullis/directory'
import type { PolicyState, PolicyTerms } from '@portcullis/domain'
import { exampleTerms } from '@portcullis/domain/testing'
import { describe, expect, it } from 'vitest'
import { policyApplications } from './eligibility.ts'

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
const policy = (
  policyId: string,
  requestors: PolicyTerms['requestors'],
  enabled = true,
): PolicyState => ({
  policyId,
  policyVersion: 3,
  enabled,
  terms: exampleTerms({ requestors }),
})
const principals = (...ids: readonly string[]): PolicyTerms['requestors'] => ({
  kind: 'directory',
  principals: ids.map((text) => {
    const [kind = '', id = ''] = text.split(':')
    return { kind: kind === 'user' ? 'user' : 'group', id }
  }),
})

/** A directory that knows one thing: which groups somebody is in. */
const groups = (...memberOf: readonly string[]) => {
  const asked: (readonly string[])[] = []
  return {
    asked,
    memberOfAny: async (_personId: string, groupIds: readonly string[]) => {
      asked.push(groupIds)
      return memberOf.filter((id) => groupIds.includes(id))
    },
  }
}

describe('policyApplications (S7 to S9)', () => {
  it('says by what each policy applies, in the policies’ order, with one look-up', async () => {
    const directory = groups('eng')
    const found = await policyApplications(
      directory,
      [
        policy('named', principals('group:eng', 'user:alice')),
        policy('by-group', principals('group:sales', 'group:eng')),
        policy('off', principals('group:eng'), false),
      ],
      person(),
    )
    expect(found.map(({ policyId, basis, enabled }) => ({ policyId, basis, enabled }))).toEqual([
      { policyId: 'named', basis: { kind: 'user', id: 'alice' }, enabled: true },
      { policyId: 'by-group', basis: { kind: 'group', id: 'eng' }, enabled: true },
      { policyId: 'off', basis: { kind: 'group', id: 'eng' }, enabled: false },
    ])
    expect(found[0]).toMatchObject({ policyVersion: 3, reason: null })
    expect(directory.asked).toEqual([['eng', 'sales']])
  })

  it.each([
    ['somebody whom the directory doesn’t know', principals('group:eng'), undefined, /know this/],
    ['somebody in none of the groups', principals('group:eng'), person(), /any of its groups/],
    [
      'somebody external, where our own people may ask',
      principals('user:alice'),
      person({ externalDirectoryId: 'partner' }),
      /this person is external/,
    ],
    [
      'one of ours, where people of others may ask',
      { kind: 'external', directoryIds: ['partner'] } as const,
      person(),
      /this person is of our own/,
    ],
    [
      'somebody of another external directory',
      { kind: 'external', directoryIds: ['partner'] } as const,
      person({ externalDirectoryId: 'other' }),
      /other is not one of partner/,
    ],
    ['everybody, where administrators assign', { kind: 'none' } as const, person(), /nobody may/],
  ])('leaves out %s, and says why', async (_who, requestors, who, reason) => {
    const kept =
      requestors.kind === 'external'
        ? { ...requestors, directoryIds: [...requestors.directoryIds] }
        : requestors
    const [found] = await policyApplications(groups(), [policy('p', kept)], who)
    expect(found).toMatchObject({ basis: null, reason: expect.stringMatching(reason) })
  })

  it('lets all users of a chosen external directory in', async () => {
    const external = { kind: 'external', directoryIds: ['rival', 'partner'] } as const
    const directory = groups()
    const [found] = await policyApplications(
      directory,
      [policy('p', { ...external, directoryIds: [...external.directoryIds] })],
      person({ externalDirectoryId: 'partner' }),
    )
    expect(found?.basis).toEqual({ kind: 'externalDirectory', id: 'partner' })
    expect(directory.asked).toEqual([])
  })
})
