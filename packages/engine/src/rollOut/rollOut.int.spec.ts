import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { OutsideCommand } from '../commands/outsideCommand.ts'
import { createPackage, refusalOf, roleOf, send, submit, user } from '../testing/send.ts'
import { openTestEngine, type TestEngine } from '../testing/testEngine.ts'

const packageId = 'p'
type Control = Extract<OutsideCommand, { type: `${string}RollOut` }>['type']

describe('a change of roles that is held back, paused, resumed or called off (S5, S6)', () => {
  let engine: TestEngine
  beforeEach(async () => {
    engine = await openTestEngine()
    await engine.start()
    await createPackage(engine, packageId)
    await send(engine, 'admin', { type: 'AddResource', catalogId: 'default', resourceId: 'repo' })
    for (const id of ['alice', 'anna']) await submit(engine, packageId, id)
    await engine.settle()
  })
  afterEach(() => engine.close())

  const change = (type: 'AddResourceRole' | 'RemoveResourceRole', rollOut?: 'held') =>
    send(engine, 'admin', {
      type,
      packageId,
      ...roleOf(type === 'AddResourceRole' ? 'repo.member' : 'wiki.member'),
      ...(rollOut && { rollOut }),
    })
  const control = async (type: Exclude<Control, 'StartRollOut'>) => {
    await send(engine, 'admin', { type, packageId })
    await engine.settle()
  }
  const progress = () => engine.application.rollOut(user('admin'), packageId)
  const types = () => engine.typesOf(`accessPackage-${packageId}`)

  it('is held back until it is released, but for who comes anew', async () => {
    await change('AddResourceRole', 'held')
    await engine.settle()
    expect(engine.main.held()).toEqual(['wiki.member.alice', 'wiki.member.anna'])
    expect(await progress()).toMatchObject({
      state: 'held',
      toVersion: 2,
      changes: [{ ...roleOf('repo.member'), change: 'added' }],
      upToDate: 0,
      left: 2,
    })
    await submit(engine, packageId, 'ben')
    await engine.settle()
    expect(engine.main.held()).toContain('repo.member.ben')
    expect(await progress()).toMatchObject({ state: 'held', total: 3, upToDate: 1, left: 2 })
    // A sweep pushes nobody, and who ends loses all.
    engine.clock.advance(3_600_000)
    await engine.worker.schedule()
    await engine.settle()
    expect(engine.main.held()).not.toContain('repo.member.anna')
    await control('ReleaseRollOut')
    expect(engine.main.held()).toHaveLength(6)
    expect(await progress()).toMatchObject({ state: 'done', upToDate: 3, left: 0 })
    expect((await types()).slice(-4)).toEqual([
      'RollOutHeld.v1',
      'ResourceRoleAdded.v1',
      'RollOutQueued.v1',
      'RollOutStarted.v1',
    ])
  })

  it('reaches nobody more when it is paused, and all once it is resumed', async () => {
    await change('RemoveResourceRole')
    await engine.caughtUp()
    // It starts, and has queued everybody, when somebody stops it.
    await engine.jobs.runNext()
    expect((await types()).at(-1)).toBe('RollOutStarted.v1')
    await send(engine, 'admin', { type: 'PauseRollOut', packageId })
    await engine.settle()
    expect(engine.main.held()).toEqual(['wiki.member.alice', 'wiki.member.anna'])
    expect(await progress()).toMatchObject({ state: 'paused', toVersion: 2, left: 2 })
    // Asking for what is there to be looked at again gives and takes nothing.
    const assignmentId = 'p.anna.a1'
    await send(engine, 'admin', { type: 'ReprocessAssignment', assignmentId })
    await engine.settle()
    expect(engine.main.held()).toEqual(['wiki.member.alice', 'wiki.member.anna'])
    // An end takes everything, whatever waits (promise 2).
    await send(engine, 'anna', { type: 'RemoveAssignment', assignmentId, justification: null })
    await engine.settle()
    expect(engine.main.held()).toEqual(['wiki.member.alice'])
    await control('ResumeRollOut')
    expect(engine.main.held()).toEqual([])
    expect(await progress()).toMatchObject({ state: 'done', total: 1, upToDate: 1 })
    expect(await refusalOf(engine, 'admin', { type: 'PauseRollOut', packageId })).toBe(
      'roll-out.nothing-to-pause',
    )
  })

  it('is called off before it starts, and not after', async () => {
    await change('AddResourceRole', 'held')
    await submit(engine, packageId, 'ben')
    await engine.settle()
    await control('CancelRollOut')
    expect(engine.main.held()).toEqual(['wiki.member.alice', 'wiki.member.anna', 'wiki.member.ben'])
    expect(engine.main.calls.filter((call) => call.includes('repo'))).toEqual([
      'grant repo.member.ben',
      'revoke repo.member.ben',
    ])
    // Nobody else was touched.
    expect((await engine.typesOf('entitlement-p.alice')).at(-1)).toBe('RolesDelivered.v1')
    expect(await progress()).toMatchObject({ state: 'done', rolesVersion: 3, upToDate: 3, left: 0 })
    await change('AddResourceRole')
    await engine.settle()
    expect(await progress()).toMatchObject({ state: 'done', rolesVersion: 4, upToDate: 3 })
    expect(await refusalOf(engine, 'admin', { type: 'CancelRollOut', packageId })).toBe(
      'roll-out.started',
    )
  })

  it('holds back a change besides one that is paused, each released separately', async () => {
    await change('AddResourceRole')
    await engine.caughtUp()
    await send(engine, 'admin', { type: 'PauseRollOut', packageId })
    await change('RemoveResourceRole', 'held')
    await engine.settle()
    expect(await progress()).toMatchObject({ state: 'paused', toVersion: 3 })
    expect((await types()).includes('RollOutStarted.v1')).toBe(false)
    await control('ResumeRollOut')
    expect(await progress()).toMatchObject({ state: 'held', toVersion: 3, left: 2 })
    await control('ReleaseRollOut')
    expect(engine.main.held()).toEqual(['repo.member.alice', 'repo.member.anna'])
  })

  it('tells how fast it goes, and when it will be through', async () => {
    await change('AddResourceRole')
    await engine.settle()
    // Long enough ago that the pace of the next one is its own.
    engine.clock.advance(20_000)
    expect(await progress()).toMatchObject({ state: 'done', perSecond: null, secondsLeft: null })
    engine.main.down()
    await change('RemoveResourceRole')
    await engine.settle()
    engine.clock.advance(5_000)
    expect(await progress()).toMatchObject({
      state: 'running',
      failed: 2,
      left: 0,
      perSecond: 0.4,
      secondsLeft: null,
    })
  })
})
