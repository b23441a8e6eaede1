import { fold } from '@portcullis/core'
import { describe, expect, it } from 'vitest'
import { conferredRoles, conferredVersion } from '../entitlement/entitlement.confers.ts'
import type { AccessPackageEvent } from '../events.ts'
import { at } from '../testing/index.ts'
import { accessPackageDecider } from './accessPackage.decide.ts'
import type { AccessPackageFacts } from './accessPackage.facts.ts'
import {
  created,
  defaultFacts,
  given,
  NOW,
  packageId,
  role,
  roleAdded,
  roleRemoved,
  rollOut,
} from './accessPackage.fixture.ts'

const owner = { resourceId: 'repo', roleId: 'owner' }
const add = (rollOutWhen?: 'now' | 'held') =>
  ({
    type: 'AddResourceRole',
    packageId,
    ...owner,
    ...(rollOutWhen && { rollOut: rollOutWhen }),
  }) as const
const remove = { type: 'RemoveResourceRole', packageId, ...role } as const
const pause = { type: 'PauseRollOut', packageId } as const
const resume = { type: 'ResumeRollOut', packageId } as const
const cancel = { type: 'CancelRollOut', packageId } as const
const cancelled = (rolesVersion: number, sameAs: number): AccessPackageEvent => ({
  type: 'RollOutCancelled.v1',
  data: { packageId, rolesVersion, sameAs },
})
const going: Partial<AccessPackageFacts> = { rollingOut: true }
const still: Partial<AccessPackageFacts> = { rollingOut: false }

/** A package with a role from the start, and one more that is held back, or on its way. */
const BEGUN = [created(), roleAdded()] as const
const HELD = [...BEGUN, rollOut('Held', 2), roleAdded(2, owner)] as const
const QUEUED = [...BEGUN, rollOut('Queued', 2), roleAdded(2, owner)] as const
const STARTED = [...QUEUED, rollOut('Started', 2)] as const
const PAUSED = [...STARTED, rollOut('Paused', 2)] as const

/** What the engine's job says. */
const start = (events: readonly AccessPackageEvent[]) => {
  const actor = { kind: 'system', id: 'fan-out' } as const
  const state = fold(accessPackageDecider, events)
  const command = { type: 'StartRollOut', packageId } as const
  return accessPackageDecider.decide(command, state, at(NOW, actor), defaultFacts)
}

describe('a change of roles and its roll-out (S5, S6)', () => {
  it('is queued, or held back when asked to', () => {
    given(...BEGUN)
      .when(add())
      .thenEvents([rollOut('Queued', 2), roleAdded(2, owner)])
    given(...BEGUN)
      .when(add('held'))
      .thenEvents([rollOut('Held', 2), roleAdded(2, owner)])
    given(...BEGUN)
      .when({ ...remove, rollOut: 'held' })
      .thenEvents([rollOut('Held', 2), roleRemoved(2)])
  })
  it('waits with what is held back already, and holds back what has not started', () => {
    given(...HELD)
      .when(remove)
      .thenEvents([rollOut('Held', 3), roleRemoved(3)])
    given(...QUEUED)
      .when({ ...remove, rollOut: 'held' })
      .thenEvents([rollOut('Held', 3), roleRemoved(3)])
    given(...STARTED)
      .when({ ...remove, rollOut: 'held' })
      .thenEvents([rollOut('Held', 3), roleRemoved(3)])
  })
  it('starts once, when the engine says so: not while it is held back or one before it is paused', () => {
    expect(start(QUEUED)).toEqual({ ok: true, events: [rollOut('Started', 2)] })
    expect(start([...PAUSED, rollOut('Resumed', 2)])).toEqual({ ok: true, events: [] })
    for (const events of [BEGUN, HELD, STARTED, [...PAUSED, rollOut('Queued', 3), roleRemoved(3)]])
      expect(start(events)).toEqual({ ok: true, events: [] })
    given(...QUEUED)
      .when({ type: 'StartRollOut', packageId })
      .thenRefused('package.engine-only')
  })
})

describe('PauseRollOut and ResumeRollOut', () => {
  it('pauses what is being rolled out, and resumes it, once each', () => {
    given(...STARTED)
      .when(pause, going)
      .thenEvents([rollOut('Paused', 2)])
    given(...PAUSED)
      .when(pause, going)
      .thenNothing()
    given(...PAUSED)
      .when(resume)
      .thenEvents([rollOut('Resumed', 2)])
    given(...PAUSED, rollOut('Resumed', 2))
      .when(resume)
      .thenNothing()
  })
  it('stops what is about to start', () => {
    given(...QUEUED)
      .when(pause, still)
      .thenEvents([rollOut('Paused', 2)])
    expect(start([...QUEUED, rollOut('Paused', 2)])).toEqual({ ok: true, events: [] })
    expect(start([...QUEUED, rollOut('Paused', 2), rollOut('Resumed', 2)])).toMatchObject({
      events: [rollOut('Started', 2)],
    })
  })
  it('has nothing to pause when everybody has the roles', () => {
    for (const events of [BEGUN, STARTED])
      given(...events)
        .when(pause, still)
        .thenRefused('roll-out.nothing-to-pause', { kind: 'conflict' })
    given(...HELD)
      .when(pause, still)
      .thenRefused('roll-out.nothing-to-pause', { message: 'is held back already; release it' })
  })
})

describe('ReleaseRollOut', () => {
  const release = { type: 'ReleaseRollOut', packageId } as const

  it('queues what was held back, once', () => {
    given(...HELD)
      .when(release)
      .thenEvents([rollOut('Queued', 2)])
    for (const events of [QUEUED, STARTED, BEGUN])
      given(...events)
        .when(release)
        .thenNothing()
  })
  it('is apart from resuming: what was held back besides stays so', () => {
    const both = [...PAUSED, rollOut('Held', 3), roleRemoved(3)]
    given(...both)
      .when(resume)
      .thenEvents([rollOut('Resumed', 3)])
    given(...both)
      .when(release)
      .thenEvents([rollOut('Queued', 3)])
    expect(start([...both, rollOut('Resumed', 3)])).toEqual({ ok: true, events: [] })
    expect(start([...both, rollOut('Queued', 3)])).toEqual({ ok: true, events: [] })
  })
})

describe('CancelRollOut', () => {
  it('takes back what has not started, once', () => {
    for (const events of [HELD, QUEUED])
      given(...events)
        .when(cancel)
        .thenEvents([cancelled(3, 1), roleRemoved(3, owner)])
    given(...HELD, cancelled(3, 1), roleRemoved(3, owner))
      .when(cancel)
      .thenNothing()
  })
  it('takes back several changes at once, and only what came of them', () => {
    given(...HELD, rollOut('Held', 3), roleRemoved(3))
      .when(cancel)
      .thenEvents([cancelled(5, 1), roleAdded(4), roleRemoved(5, owner)])
    given(...HELD, rollOut('Held', 3), roleRemoved(3, owner))
      .when(cancel)
      .thenEvents([cancelled(3, 1)])
  })
  it('leaves alone what has started, and says how to take it back', () => {
    for (const events of [STARTED, PAUSED])
      given(...events)
        .when(cancel)
        .thenRefused('roll-out.started', {
          kind: 'conflict',
          message: 'remove the role that was added',
        })
    given(...BEGUN)
      .when(cancel)
      .thenRefused('roll-out.nothing-to-cancel')
  })
})

describe('which roles an assignment confers (promise 4)', () => {
  const active = (rolesVersion: number, complete = true) =>
    ({ status: 'active', rolesVersion, complete }) as const
  const confers = (events: readonly AccessPackageEvent[], assignment = active(1)) => {
    const state = fold(accessPackageDecider, events)
    const roles = conferredRoles(state, assignment).map(({ roleId }) => roleId)
    return [conferredVersion(state, assignment), ...roles]
  }

  it('those that it has, until the change is rolled out', () => {
    for (const events of [HELD, QUEUED, PAUSED]) expect(confers(events)).toEqual([1, 'member'])
    for (const events of [STARTED, [...PAUSED, rollOut('Resumed', 2)]])
      expect(confers(events)).toEqual([2, 'member', 'owner'])
  })
  it('the newest, when it has got there before the pause', () => {
    expect(confers(PAUSED, active(2, false))).toEqual([2, 'member', 'owner'])
  })
  it('those of the version that has started, while a later one is held back', () => {
    const events = [...STARTED, rollOut('Held', 3), roleRemoved(3)]
    expect(confers(events)).toEqual([2, 'member', 'owner'])
  })
  it('the package as it is, when nothing has been delivered yet', () => {
    for (const events of [HELD, QUEUED, STARTED, PAUSED])
      expect(confers(events, active(0, false))).toEqual([2, 'member', 'owner'])
    // A package without roles is delivered at once, and so is somebody's already.
    const held = [created(), rollOut('Held', 1), roleAdded()]
    expect(confers(held, active(0, true))).toEqual([0])
  })
  it('what it conferred before, after a change was called off', () => {
    const events = [...HELD, cancelled(3, 1), roleRemoved(3, owner)]
    expect(confers(events)).toEqual([3, 'member'])
    // Somebody who came while it was held back gives it up.
    expect(confers(events, active(2))).toEqual([3, 'member'])
    const paused = [...PAUSED, rollOut('Queued', 3), roleRemoved(3), cancelled(4, 2), roleAdded(4)]
    expect(confers(paused)).toEqual([1, 'member'])
    expect(confers(paused, active(2))).toEqual([4, 'owner', 'member'])
  })
  it('none when it is over', () => {
    const over = { ...active(1), status: 'ended' } as const
    expect(conferredRoles(fold(accessPackageDecider, STARTED), over)).toEqual([])
  })
  it('of a log from before roll-outs could be held back: every change at once', () => {
    expect(confers([...BEGUN, roleAdded(2, owner)])).toEqual([2, 'member', 'owner'])
  })
})
