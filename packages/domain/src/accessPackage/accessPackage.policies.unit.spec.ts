import { describe, expect, it } from 'vitest'
import type { AccessPackageEvent } from '../events.ts'
import type { PolicyTerms } from '../policyTerms.ts'
import { exampleTerms } from '../testing/index.ts'
import {
  created,
  given,
  newPolicy,
  packageId,
  policyAdded,
  terms,
} from './accessPackage.fixture.ts'

describe('policies', () => {
  const add = (changes: Partial<PolicyTerms> = {}) =>
    ({ type: 'AddPolicy', packageId, ...newPolicy(changes) }) as const
  it('adds one, once', () => {
    given(created()).when(add()).thenEvents([policyAdded()])
    given(created(), policyAdded()).when(add()).thenNothing()
  })
  it('keeps ids unique, also of removed ones', () => {
    const other = add({ displayName: 'Other' })
    given(created(), policyAdded()).when(other).thenRefused('policy.already-exists')
    given(created(), policyAdded(), {
      type: 'PolicyRemoved.v1',
      data: { packageId, policyId: 'standard' },
    })
      .when(add())
      .thenRefused('policy.already-exists')
  })
  it.each<[string, Partial<PolicyTerms>, string]>([
    ['an unknown zone', { zone: 'Mars/Olympus' }, 'policy.unknown-zone'],
    [
      'a stage without approvers',
      {
        approval: {
          required: true,
          stages: [{ approvers: [], timeoutDays: 1, approverJustification: false }],
        },
      },
      'policy.stage-without-approvers',
    ],
    [
      'approval of extensions by nobody (S15)',
      { approval: { required: false }, extension: { allowed: true, approvalRequired: true } },
      'policy.extension-without-approvers',
    ],
    [
      'a date that is over (S14)',
      { expiration: { kind: 'onDate', date: '2026-04-30' } },
      'policy.date-passed',
    ],
  ])('refuses %s when adding and changing', (_what, changes, code) => {
    given(created()).when(add(changes)).thenRefused(code, { kind: 'invalid' })
    given(created(), policyAdded())
      .when({
        type: 'ChangePolicy',
        packageId,
        policyId: 'standard',
        terms: exampleTerms(changes),
      })
      .thenRefused(code)
  })
  it('takes a date that ends today, in the policy’s zone', () => {
    const changes = { expiration: { kind: 'onDate', date: '2026-05-01' } } as const
    expect(given(created()).when(add(changes)).decision.ok).toBe(true)
    given(created())
      .when(add(changes), {}, '2026-05-01T22:00:00.000Z')
      .thenRefused('policy.date-passed')
  })
  it('changes terms with a new version, unless they are the same (S7)', () => {
    const change = (next: PolicyTerms) =>
      ({ type: 'ChangePolicy', packageId, policyId: 'standard', terms: next }) as const
    const next = exampleTerms({ requestorJustification: true })
    const changed: AccessPackageEvent = {
      type: 'PolicyChanged.v1',
      data: { packageId, policyId: 'standard', policyVersion: 2, terms: next },
    }
    given(created(), policyAdded()).when(change(next)).thenEvents([changed])
    given(created(), policyAdded()).when(change(exampleTerms())).thenNothing()
    given(created(), policyAdded(), changed)
      .when(change(terms))
      .thenEvents([
        {
          type: 'PolicyChanged.v1',
          data: { packageId, policyId: 'standard', policyVersion: 3, terms },
        },
      ])
    given(created()).when(change(next)).thenRefused('policy.not-found', { kind: 'not-found' })
  })
  it('enables and disables (S16)', () => {
    const policy = { packageId, policyId: 'standard' }
    const enable = { type: 'EnablePolicy', ...policy } as const
    const disable = { type: 'DisablePolicy', ...policy } as const
    given(created(), policyAdded()).when(enable).thenNothing()
    given(created(), policyAdded())
      .when(disable)
      .thenEvents([{ type: 'PolicyDisabled.v1', data: policy }])
    given(created(), policyAdded('standard', false))
      .when(enable)
      .thenEvents([{ type: 'PolicyEnabled.v1', data: policy }])
    given(created(), policyAdded(), { type: 'PolicyDisabled.v1', data: policy })
      .when(disable)
      .thenNothing()
    given(created()).when(enable).thenRefused('policy.not-found')
  })
})
