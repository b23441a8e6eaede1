import type { PortcullisEvent } from '@portcullis/domain'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type EventLog, eventLog } from '../testing/eventLog.ts'
import { autoApproved, chat, day, started, submitted, wiki } from '../testing/sampleEvents.ts'
import { type ViewsUnderTest, viewsUnderTest } from '../testing/viewsUnderTest.ts'
import type { Views } from './createViews.ts'

describe('unsettled entitlements, while a change of roles waits, is rolled out, or is paused (ADR 0042)', () => {
  let under: ViewsUnderTest
  let views: Views
  beforeEach(async () => {
    under = await viewsUnderTest()
    views = under.views
  })
  afterEach(() => under.db.close())

  const packageId = 'p'
  const rollOut = (
    what: 'Queued' | 'Held' | 'Started' | 'Paused' | 'Resumed',
    rolesVersion: number,
  ): PortcullisEvent => ({ type: `RollOut${what}.v1`, data: { packageId, rolesVersion } })
  const role = (
    type: 'ResourceRoleAdded.v1' | 'ResourceRoleRemoved.v1',
    ref: typeof wiki,
    rolesVersion: number,
  ): PortcullisEvent => ({ type, data: { packageId, ...ref, rolesVersion } })
  const holds = (log: EventLog, subjectId: string): void =>
    log.add(`grant-${chat.resourceId}.${chat.roleId}.${subjectId}`, day(1), {
      type: 'HoldAdded.v1',
      data: { ...chat, subjectId, assignmentId: `p.${subjectId}.a1` },
    })
  const delivered = (log: EventLog, subjectId: string, rolesVersion: number): void =>
    log.add(
      `entitlement-p.${subjectId}`,
      day(2),
      submitted({ packageId, subjectId }),
      autoApproved(`p.${subjectId}.r1`),
      started(packageId, subjectId, day(2), null),
      {
        type: 'RolesDelivered.v1',
        data: { assignmentId: `p.${subjectId}.a1`, roles: [], complete: true, rolesVersion },
      },
    )
  /** A package that has lost a role at version 3; `one` has got there, `two` hasn't, and both still hold it. */
  const after = async (...events: readonly PortcullisEvent[]) => {
    const log = eventLog()
    const names = { displayName: 'P', description: '', hidden: false }
    log.add(
      'accessPackage-p',
      day(1),
      { type: 'AccessPackageCreated.v1', data: { packageId, catalogId: 'c', ...names } },
      role('ResourceRoleAdded.v1', wiki, 1),
      role('ResourceRoleAdded.v1', chat, 2),
      ...events,
    )
    delivered(log, 'one', 3)
    delivered(log, 'two', 2)
    for (const subjectId of ['one', 'two']) holds(log, subjectId)
    await under.project(log.events)
    const still = { updatedBefore: day(5), now: day(9), limit: 10 }
    const astray = await views.astrayEntitlements({ ...still, among: 'newest' })
    return [...new Set([...astray.ids, ...(await views.unsettledEntitlements(still))])]
  }
  const overdue = (updatedBefore = day(5)) =>
    views.overdueRollOuts({ updatedBefore, now: day(9), limit: 10 })
  const removal = role('ResourceRoleRemoved.v1', chat, 3)

  it('leaves alone whom a change that is held back has not reached', async () => {
    expect(await after(rollOut('Held', 3), removal)).toEqual(['p.one'])
    expect(await overdue()).toEqual([])
  })
  it('finds the package whose change should have started', async () => {
    expect(await after(rollOut('Queued', 3), removal)).toEqual(['p.one'])
    expect(await overdue()).toEqual(['p'])
    expect(await overdue(day(1))).toEqual([])
  })
  it('finds whom a change that is being rolled out has not reached', async () => {
    expect(await after(rollOut('Queued', 3), removal, rollOut('Started', 3))).toEqual([
      'p.one',
      'p.two',
    ])
    expect(await overdue()).toEqual([])
  })
  it('leaves them alone while it is paused', async () => {
    const events = [rollOut('Queued', 3), removal, rollOut('Started', 3), rollOut('Paused', 3)]
    expect(await after(...events)).toEqual(['p.one'])
    expect(await overdue()).toEqual([])
  })
  it('has nobody behind when a change was called off, but who came meanwhile', async () => {
    const cancelled: PortcullisEvent = {
      type: 'RollOutCancelled.v1',
      data: { packageId, rolesVersion: 4, sameAs: 2 },
    }
    const back = role('ResourceRoleAdded.v1', chat, 4)
    expect(await after(rollOut('Held', 3), removal, cancelled, back)).toEqual(['p.one'])
  })
})
