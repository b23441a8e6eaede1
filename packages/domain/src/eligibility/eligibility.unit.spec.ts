import { deepFreeze } from '@portcullis/core/testing'
import { describe, expect, it } from 'vitest'
import type { PolicyState } from '../accessPackage/accessPackage.state.ts'
import type { PolicyTerms } from '../policyTerms.ts'
import { exampleTerms } from '../testing/index.ts'
import { judgePolicy, mayRequestBy, type PolicySubject, sentenceOf } from './eligibility.ts'

const NOW = '2026-10-01T00:00:00.000Z'
const BEFORE = '2026-09-30T23:59:59.999Z'

const policy = (requestors: PolicyTerms['requestors'], enabled = true): PolicyState =>
  deepFreeze({ policyId: 'p', policyVersion: 3, enabled, terms: exampleTerms({ requestors }) })
const inside = (...ids: readonly string[]): PolicyTerms['requestors'] => ({
  kind: 'directory',
  principals: ids.map((text) => {
    const [kind = '', id = ''] = text.split(':')
    return { kind: kind === 'user' ? 'user' : 'group', id }
  }),
})
const outside = (...directoryIds: string[]): PolicyTerms['requestors'] => ({
  kind: 'external',
  directoryIds,
})
const alice = (...memberships: PolicySubject['memberships']): PolicySubject => ({
  id: 'alice',
  origin: null,
  memberships,
})
const from = (refusedBecause: string | null = null): PolicySubject => ({
  id: 'xena',
  origin: { id: 'fab', displayName: 'Fabrikam', refusedBecause },
  memberships: [],
})
const eng = (until: string | null = null) => ({ groupId: 'eng', groupName: 'Engineers', until })
const staff = { groupId: 'staff', groupName: 'Staff', until: null }

describe('judgePolicy (S7 to S9)', () => {
  it('carries the policy along', () => {
    const given = policy(inside('user:alice'))
    expect(judgePolicy(given, alice(), NOW)).toEqual({
      ...given,
      basis: { kind: 'user', id: 'alice' },
      reason: 'it names this person',
    })
  })

  it.each<[string, PolicyTerms['requestors'], PolicySubject, object, string]>([
    [
      'somebody named, before their groups',
      inside('group:eng', 'user:alice'),
      alice(eng()),
      { kind: 'user', id: 'alice' },
      'it names this person',
    ],
    [
      'a member, by the first group that the policy names',
      inside('group:sales', 'group:staff', 'group:eng'),
      alice(eng(), staff),
      { kind: 'group', id: 'staff' },
      "this person is in group 'Staff'",
    ],
    [
      'a member whose membership ends later',
      inside('group:eng'),
      alice(eng('2026-10-01T00:00:00.001Z')),
      { kind: 'group', id: 'eng' },
      "this person is in group 'Engineers' until 2026-10-01T00:00:00.001Z",
    ],
    [
      'everybody of a chosen external directory (S8)',
      outside('rival', 'fab'),
      from(),
      { kind: 'externalDirectory', id: 'fab' },
      "it lets in everybody of external directory 'Fabrikam'",
    ],
  ])('lets in %s', (_who, requestors, subject, basis, reason) => {
    expect(judgePolicy(policy(requestors), subject, NOW)).toMatchObject({ basis, reason })
  })

  it.each<[string, PolicyTerms['requestors'], PolicySubject | undefined, string]>([
    [
      'whom the directory doesn’t know',
      inside('user:alice'),
      undefined,
      'the directory does not know this person',
    ],
    [
      'everybody, where administrators assign',
      { kind: 'none' },
      alice(),
      'nobody requests by it; administrators assign directly',
    ],
    [
      'who is in none of the groups, without saying which',
      inside('group:eng', 'user:bob'),
      alice(staff),
      'it names neither this person nor a group that they are in',
    ],
    [
      'whose memberships are over',
      inside('group:eng'),
      alice(eng(NOW)),
      `it names neither this person nor a group that they are in; membership of group 'Engineers' ended at ${NOW}`,
    ],
    [
      'of ours, where people of others may ask',
      outside('fab'),
      alice(),
      'it is for people of external directories, and this person is of our own',
    ],
    [
      'of another external directory',
      outside('rival'),
      from(),
      "it is for people of other external directories; this person is of external directory 'Fabrikam'",
    ],
    [
      'of an external directory that is refused now (S8)',
      outside('fab'),
      from('has the domain fab.example, which is denied'),
      "the collaboration restrictions refuse external directory 'Fabrikam': it has the domain fab.example, which is denied",
    ],
    [
      'external, where our own may ask',
      inside('user:xena'),
      from(),
      "it is for people of our own directory; this person is of external directory 'Fabrikam'",
    ],
  ])('leaves out somebody %s', (_who, requestors, subject, reason) => {
    expect(judgePolicy(policy(requestors), subject, NOW)).toMatchObject({ basis: null, reason })
  })

  it('lets a member in to the last millisecond', () => {
    const judged = (now: string) => judgePolicy(policy(inside('group:eng')), alice(eng(NOW)), now)
    expect([mayRequestBy(judged(BEFORE)), mayRequestBy(judged(NOW))]).toEqual([true, false])
  })

  it('says of a disabled policy only that (S16)', () => {
    const judged = judgePolicy(policy(inside('group:eng'), false), alice(eng()), NOW)
    expect([mayRequestBy(judged), sentenceOf(judged)]).toEqual([false, 'it is disabled'])
    // Administrators may still assign by it.
    expect(judged.basis).toEqual({ kind: 'group', id: 'eng' })
  })
})
