import { describe, expect, it } from 'vitest'
import { type PolicyFlags, saysPolicy, termsFrom } from './policyFlags.ts'

const WHO: PolicyFlags = { policyName: 'Crew', forGroup: ['marketing'], expiresAfterDays: 30 }
const NEW: PolicyFlags = { ...WHO, approval: false }
const NOW = termsFrom({
  ...WHO,
  approverUser: ['bob'],
  extensionApproval: false,
  zone: 'Europe/Oslo',
})

describe('a new policy', () => {
  it('is what the flags say; what they do not say, and nobody need decide, is "no"', () => {
    expect(termsFrom(NEW)).toEqual({
      displayName: 'Crew',
      description: '',
      requestors: { kind: 'directory', principals: [{ kind: 'group', id: 'marketing' }] },
      requestorJustification: false,
      approval: { required: false },
      expiration: { kind: 'afterDays', days: 30 },
      extension: { allowed: false },
    })
  })

  it('with approvers, justifications and extensions', () => {
    const flags: PolicyFlags = {
      ...WHO,
      forUser: ['alice'],
      approverUser: ['bob'],
      approverGroup: ['leads'],
      approverJustification: true,
      requestorJustification: true,
      extensionApproval: true,
    }
    expect(termsFrom(flags)).toMatchObject({
      requestors: {
        principals: [
          { kind: 'user', id: 'alice' },
          { kind: 'group', id: 'marketing' },
        ],
      },
      requestorJustification: true,
      approval: {
        required: true,
        stages: [
          {
            approvers: [
              { kind: 'user', id: 'bob' },
              { kind: 'group', id: 'leads' },
            ],
            timeoutDays: 14,
            approverJustification: true,
          },
        ],
      },
      extension: { allowed: true, approvalRequired: true },
    })
  })

  it.each([
    [{ one: false }, { kind: 'none' }],
    [{ forDirectory: ['fabrikam'] }, { kind: 'external', directoryIds: ['fabrikam'] }],
  ] as const)('for %j', (who, requestors) => {
    const { forGroup: _, ...rest } = NEW
    expect(termsFrom({ ...rest, ...who }).requestors).toEqual(requestors)
  })

  it.each([
    [{ expiresOn: '2027-03-31' }, { kind: 'onDate', date: '2027-03-31' }],
    [{ expiresAfterHours: 48 }, { kind: 'afterHours', hours: 48 }],
    [{ neverExpires: true }, { kind: 'never' }],
  ] as const)('that ends %j', (ends, expiration) => {
    const { expiresAfterDays: _, ...rest } = NEW
    expect(termsFrom({ ...rest, ...ends }).expiration).toEqual(expiration)
  })

  it.each([
    [{}, 'a policy needs --policy-name'],
    [{ policyName: 'x' }, 'a policy needs one of --for-user, --for-group'],
    [{ policyName: 'x', one: false, approval: false }, 'a policy needs one of --expires-on'],
    [WHO, 'a policy needs --approver-user or --approver-group, or --no-approval'],
    [{ policyName: 'x', one: false, neverExpires: true }, 'a policy needs --approver-user'],
    [{ ...NEW, extension: true }, 'a policy needs --extension-approval or --no-extension-approval'],
    [{ ...NEW, one: false }, "--for-user or --for-group and --no-one can't go together"],
    [{ ...NEW, neverExpires: true }, "and --never-expires can't go together"],
    [{ ...WHO, approvalDays: 3 }, 'a policy needs --approver-user or --approver-group'],
    [{ ...NEW, approval: false, approverUser: ['bob'] }, "--no-approval can't go with"],
    [{ ...NEW, extension: false, extensionApproval: true }, "--no-extension can't go with"],
  ] as const)('%j is refused', (flags, sentence) => {
    expect(() => termsFrom(flags)).toThrow(sentence)
  })
})

describe('a change', () => {
  it('of nothing leaves everything as it was', () => {
    expect(termsFrom({ one: true, approval: true }, NOW)).toEqual(NOW)
  })

  it('of one thing leaves the rest', () => {
    expect(termsFrom({ approvalDays: 3 }, NOW)).toEqual({
      ...NOW,
      approval: {
        required: true,
        stages: [
          {
            approvers: [{ kind: 'user', id: 'bob' }],
            timeoutDays: 3,
            approverJustification: false,
          },
        ],
      },
    })
    expect(termsFrom({ extensionApproval: true }, NOW)).toEqual({
      ...NOW,
      extension: { allowed: true, approvalRequired: true },
    })
    expect(termsFrom({ approval: false }, NOW)).toEqual({ ...NOW, approval: { required: false } })
  })

  it('of several stages is left to a file', () => {
    const { approval } = NOW
    if (!approval.required) throw new Error('it has stages')
    const two = { ...approval, stages: [...approval.stages, ...approval.stages] }
    expect(() => termsFrom({ approvalDays: 3 }, { ...NOW, approval: two })).toThrow('with --file')
  })
})

describe('saysPolicy', () => {
  it('is false only where nothing was said', () => {
    expect([{}, { one: true, approval: true }].map(saysPolicy)).toEqual([false, false])
    const said = [{ one: false }, { approval: false }, { zone: 'UTC' }, { extension: false }]
    expect(said.map(saysPolicy)).toEqual([true, true, true, true])
  })
})
