import { describe, expect, it } from 'vitest'
import {
  accessPackageStream,
  entitlementId,
  entitlementStream,
  grantId,
  grantStream,
  parseEntitlementId,
  parseEntitlementStream,
  parseGrantId,
  parseGrantStream,
} from './streams.ts'

describe('names of streams', () => {
  it('give back the ids that they were made of', () => {
    const ours = entitlementId('design-tools', 'mira_1')
    expect(parseEntitlementStream(entitlementStream(ours))).toBe(ours)
    expect(parseEntitlementId(ours)).toEqual({ packageId: 'design-tools', subjectId: 'mira_1' })
    const grant = grantId('repo', 'member', 'mira_1')
    expect(parseGrantStream(grantStream(grant))).toBe(grant)
    expect(parseGrantId(grant)).toEqual({
      resourceId: 'repo',
      roleId: 'member',
      subjectId: 'mira_1',
    })
  })

  it('are not taken for those of another kind', () => {
    expect(parseEntitlementStream(grantStream('repo.member.mira'))).toBeUndefined()
    expect(parseGrantStream(accessPackageStream('tools'))).toBeUndefined()
  })

  it.each(['', 'tools', 'tools.', '.mira', 'tools.mira.r1', 'tools.mi ra'])(
    'no entitlement: %j',
    (id) => {
      expect(parseEntitlementId(id)).toBeUndefined()
    },
  )
})
