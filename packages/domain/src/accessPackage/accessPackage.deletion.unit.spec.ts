import { describe, it } from 'vitest'
import type { AccessPackageEvent } from '../events.ts'
import { created, deleted, given, packageId, policyAdded, UNUSED } from './accessPackage.fixture.ts'

describe('DeleteAccessPackage (S24)', () => {
  const remove = { type: 'DeleteAccessPackage', packageId } as const

  it('deletes what nobody has, will have or waits for', () => {
    given(created(), policyAdded()).when(remove, { use: UNUSED }).thenEvents([deleted])
  })
  it('is refused while it is in use, and counts each kind', () => {
    const use = {
      delivering: 1,
      delivered: 1,
      partiallyDelivered: 1,
      scheduled: 1,
      pendingRequests: 2,
    }
    given(created())
      .when(remove, { use })
      .thenRefused('package.in-use', {
        kind: 'conflict',
        message: '3 active assignments, 1 scheduled assignment, 2 pending requests (S24);',
        data: { active: 3, ...use },
      })
  })
  it.each([
    ['delivering', '1 active assignment '],
    ['delivered', '1 active assignment '],
    ['partiallyDelivered', '1 active assignment '],
    ['scheduled', '1 scheduled assignment '],
    ['pendingRequests', '1 pending request '],
  ] as const)('by one %s alone', (kind, message) => {
    given(created())
      .when(remove, { use: { ...UNUSED, [kind]: 1 } })
      .thenRefused('package.in-use', { message })
  })
  it('is done once', () => {
    given(created(), deleted).when(remove, { use: UNUSED }).thenRefused('package.deleted')
  })
})

describe('RemovePolicy', () => {
  const policyId = 'standard'
  const remove = { type: 'RemovePolicy', packageId, policyId } as const
  const removed: AccessPackageEvent = { type: 'PolicyRemoved.v1', data: { packageId, policyId } }

  it('removes one that governs nothing, once', () => {
    given(created(), policyAdded()).when(remove, { use: UNUSED }).thenEvents([removed])
    given(created(), policyAdded(), removed).when(remove, { use: UNUSED }).thenNothing()
    given(created()).when(remove, { use: UNUSED }).thenRefused('policy.not-found')
  })
  it('is refused while requests or assignments are governed by it, and counts them', () => {
    const use = { ...UNUSED, delivered: 2, pendingRequests: 1 }
    given(created(), policyAdded())
      .when(remove, { use })
      .thenRefused('policy.in-use', {
        kind: 'conflict',
        message: '2 active assignments, 1 pending request; disable it',
        data: { policyId, active: 2, ...use },
      })
  })
})
