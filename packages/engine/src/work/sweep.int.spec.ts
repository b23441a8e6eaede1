import { addMillis } from '@portcullis/core'
import { exampleTerms } from '@portcullis/domain/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createPackage, openTerms, roleOf, send, submit, user } from '../testing/send.ts'
import { openTestEngine, type TestEngine } from '../testing/testEngine.ts'
import { createSweep } from './sweep.ts'

const HOUR = 3_600_000
const STALE = 61_000
const never = new AbortController().signal

describe('sweep, after jobs were lost (promise 1)', () => {
  let engine: TestEngine
  beforeEach(async () => {
    engine = await openTestEngine()
    await engine.start()
    await engine.settle()
  })
  afterEach(() => engine.close())

  /** The queue loses everything; then the schedule is put back, as a running worker does. */
  const wipe = async (): Promise<void> => {
    await engine.caughtUp()
    engine.jobs.wipe()
    engine.clock.advance(STALE)
    await engine.worker.schedule()
  }
  const assignment = (id: string) => engine.application.assignment(user('admin'), id)
  const mailed = () => engine.mails.map(({ kind, recipientId }) => `${kind} ${recipientId}`).sort()

  it('delivers, mails and ends what had a job when the queue was wiped', async () => {
    await createPackage(engine, 'p', {
      terms: openTerms({ expiration: { kind: 'afterHours', hours: 5 } }),
    })
    await submit(engine, 'p', 'alice')
    await wipe()
    await engine.settle()
    expect(engine.main.held()).toEqual(['wiki.member.alice'])
    await wipe()
    await engine.settleUntil(addMillis(engine.clock.now(), 6 * HOUR))
    expect(engine.main.held()).toEqual([])
    expect(await assignment('p.alice.a1')).toMatchObject({ status: 'Expired', settled: true })
    expect(mailed()).toEqual(['delivered alice', 'ended alice'])
  })

  it('comes to the same end when the queue is wiped again and again', async () => {
    await createPackage(engine, 'p', { roles: ['wiki.member', 'crm.editor'] })
    for (const id of ['alice', 'anna']) await submit(engine, 'p', id)
    const wipeUntil = async (done: () => Promise<boolean>): Promise<void> => {
      for (let round = 0; round < 30 && !(await done()); round += 1) {
        await wipe()
        // The sweep, the look for scans that are due, and a little of what they find.
        for (let job = 0; job < 3; job += 1) await engine.jobs.runNext()
        await engine.caughtUp()
      }
      expect(await done()).toBe(true)
    }
    const settled = (status: string) => async () => {
      const both = await Promise.all(['p.alice.a1', 'p.anna.a1'].map(assignment))
      return both.every((each) => each?.status === status && each.settled)
    }
    await wipeUntil(settled('Delivered'))
    for (const id of ['alice', 'anna'])
      await send(engine, id, {
        type: 'RemoveAssignment',
        assignmentId: `p.${id}.a1`,
        justification: null,
      })
    await wipeUntil(settled('Removed'))
    expect([...engine.main.held(), ...engine.other.held()]).toEqual([])
    expect(engine.main.calls.toSorted()).toEqual([
      'grant wiki.member.alice',
      'grant wiki.member.anna',
      'revoke wiki.member.alice',
      'revoke wiki.member.anna',
    ])
    await wipe()
    await engine.settle()
    expect(mailed()).toEqual(['delivered alice', 'delivered anna', 'ended alice', 'ended anna'])
  })

  it('finds the fan-out of a changed package', async () => {
    await createPackage(engine, 'p')
    for (const id of ['alice', 'anna']) await submit(engine, 'p', id)
    await engine.settle()
    await send(engine, 'admin', { type: 'AddResource', catalogId: 'default', resourceId: 'repo' })
    await send(engine, 'admin', {
      type: 'AddResourceRole',
      packageId: 'p',
      ...roleOf('repo.member'),
    })
    await wipe()
    await engine.settle()
    expect(engine.main.held()).toEqual([
      'repo.member.alice',
      'repo.member.anna',
      'wiki.member.alice',
      'wiki.member.anna',
    ])
  })

  it('finds a retry, and a time-out of an approval', async () => {
    await createPackage(engine, 'p')
    await createPackage(engine, 'asked', { terms: exampleTerms() })
    engine.main.down()
    await submit(engine, 'p', 'alice')
    await submit(engine, 'asked', 'alice')
    await engine.settle()
    await wipe()
    engine.main.up()
    await engine.settle()
    expect(engine.main.held()).toEqual(['wiki.member.alice'])
    await wipe()
    await engine.settleUntil(addMillis(engine.clock.now(), 15 * 24 * HOUR))
    expect((await engine.typesOf('entitlement-asked.alice')).at(-1)).toBe('ApprovalTimedOut.v1')
  })

  describe('looks', () => {
    beforeEach(async () => {
      await createPackage(engine, 'p')
      await createPackage(engine, 'asked', { terms: exampleTerms() })
      await submit(engine, 'p', 'alice')
      await submit(engine, 'asked', 'alice')
      await engine.caughtUp()
      engine.jobs.wipe()
    })
    // Two approvers are asked.
    const found = {
      fired: 0,
      overdue: 0,
      alarms: 0,
      mails: 2,
      rollOuts: 0,
      entitlements: 1,
      grants: 0,
    }

    it('again only at what is stale', async () => {
      expect(await createSweep(engine.parts)(never)).toEqual({
        ...found,
        entitlements: 0,
        mails: 0,
      })
      engine.clock.advance(STALE)
      expect(await createSweep(engine.parts)(never)).toEqual(found)
    })

    it('not at deliveries while the queue is long, nor after it is told to stop', async () => {
      engine.clock.advance(STALE)
      const jobs = {
        ...engine.jobs,
        counts: async () => ({ waiting: 2001, delayed: 0, active: 0, failed: 0 }),
      }
      expect(await createSweep({ ...engine.parts, jobs })(never)).toEqual({
        ...found,
        entitlements: 0,
      })
      expect(await createSweep(engine.parts)(AbortSignal.abort())).toMatchObject({
        entitlements: 0,
      })
    })
  })
})
