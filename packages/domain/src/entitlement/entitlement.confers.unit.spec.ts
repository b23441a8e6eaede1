import { fold } from '@portcullis/core'
import { describe, expect, it } from 'vitest'
import { accessPackageDecider } from '../accessPackage/accessPackage.decide.ts'
import {
  created,
  role,
  roleAdded,
  roleRemoved,
  rollOut,
} from '../accessPackage/accessPackage.fixture.ts'
import type { AccessPackageEvent } from '../events.ts'
import { confersRole } from './entitlement.confers.ts'

const owner = { resourceId: 'repo', roleId: 'owner' }
const BEGUN = [created(), roleAdded()] as const
const QUEUED = [...BEGUN, rollOut('Queued', 2), roleAdded(2, owner)] as const

const stays = (events: readonly AccessPackageEvent[], which = owner, rolesVersion = 1) =>
  confersRole(
    fold(accessPackageDecider, events),
    { status: 'active', rolesVersion, complete: true },
    which,
    true,
  )

describe('a role that an assignment holds and its version does not confer', () => {
  it('stays where it is to come: it was given early', () => {
    expect(stays(QUEUED)).toBe(true)
  })

  it('goes when what was to come is called off', () => {
    const cancelled = { packageId: 'p', rolesVersion: 3, sameAs: 1 }
    expect(
      stays([...QUEUED, { type: 'RollOutCancelled.v1', data: cancelled }, roleRemoved(3, owner)]),
    ).toBe(false)
  })

  it('goes when the package has lost it, also where it is to come again', () => {
    const removed = [...BEGUN, rollOut('Queued', 2), roleRemoved(2), rollOut('Started', 2)] as const
    expect(stays(removed, role)).toBe(false)
    expect(stays([...removed, rollOut('Held', 3), roleAdded(3)], role)).toBe(false)
  })
})
