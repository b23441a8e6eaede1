import { randomUUID } from 'node:crypto'
import { addMillis, eventId, NO_STREAM } from '@portcullis/core'
import { exampleTerms } from '@portcullis/domain/testing'
import { checkLive, type LiveCheckReport } from '@portcullis/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createPackage, openTerms, send, submit, user } from '../testing/send.ts'
import { openTestEngine, START, type TestEngine } from '../testing/testEngine.ts'
import { queueCheck, runCheck } from './checkPromisesJob.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const never = new AbortController().signal

describe('the check of promises on a log that goes on', () => {
  let engine: TestEngine
  beforeEach(async () => {
    engine = await openTestEngine()
    await engine.start()
    await createPackage(engine, 'p', {
      terms: openTerms({ expiration: { kind: 'afterHours', hours: 5 } }),
    })
    await createPackage(engine, 'asked', { terms: exampleTerms(), roles: ['crm.editor'] })
    for (const id of ['alice', 'anna', 'ben']) await submit(engine, 'p', id)
    await submit(engine, 'asked', 'alice')
    await engine.settle()
  })
  afterEach(() => engine.close())

  const check = async (
    options: Partial<Parameters<typeof checkLive>[1]> = {},
  ): Promise<LiveCheckReport> => {
    const report = await checkLive(engine, { signal: never, ...options })
    if (report === undefined) throw new Error('somebody else checks')
    return report
  }
  const brokenIn = ({ results }: LiveCheckReport) =>
    results.flatMap(({ number, holds, broken }) =>
      holds ? [] : [`${number} ${broken.join('; ')}`],
    )
  /** An event that no decision made, as the engine would write it. */
  const forge = async (stream: string, type: string, data: object): Promise<void> => {
    const history = await engine.store.readStream(stream)
    const commandId = randomUUID()
    const actor = { kind: 'system', id: 'reconcile' } as const
    const metadata = { commandId, correlationId: commandId, actor, at: engine.clock.now() }
    await engine.store.append(stream, history.at(-1)?.revision ?? NO_STREAM, [
      {
        type,
        data,
        id: eventId(commandId, stream, 0, metadata),
        metadata,
      },
    ])
  }
  const forgeHold = (subjectId: string) =>
    forge(`grant-wiki.member.${subjectId}`, 'HoldAdded.v1', {
      resourceId: 'wiki',
      roleId: 'member',
      subjectId,
      assignmentId: `p.${subjectId}.a7`,
    })

  it('finds nothing in what the engine does, and says how much it looked at', async () => {
    await engine.settleUntil(addMillis(START, 20 * DAY))
    const report = await check()
    expect(brokenIn(report)).toEqual([])
    expect(report).toMatchObject({ finished: true, events: Number(await engine.store.head()) })
    for (const number of [1, 2, 3, 4, 5, 6])
      expect([number, (report.results[number - 1]?.checked ?? 0) > 0]).toEqual([number, true])
  })

  it('goes on from where it came to, and judges only those whom something happened to', async () => {
    await engine.settleUntil(addMillis(START, 5 * DAY))
    const first = await check()
    expect(await check()).toMatchObject({ events: 0, position: first.position })
    engine.clock.set(addMillis(START, 9 * DAY))
    await check()
    await submit(engine, 'asked', 'anna')
    const next = await check()
    // She, and who waits for a decision whose time may come.
    expect(next.groups).toBeLessThanOrEqual(2)
    expect(next.events).toBeGreaterThan(0)
  })

  it('comes to the same, in how many runs and batches ever', async () => {
    const steps = [1, 3, 6, 30, 400].map((hours) => addMillis(START, hours * HOUR))
    for (const step of steps) {
      await engine.settleUntil(step)
      await check()
    }
    await forgeHold('ben')
    const bit = await check()
    expect((await check({ fromStart: true })).results).toEqual(bit.results)
  })

  it('finds what no decision gave, lists it as an open problem, and finds it again though nothing happens', async () => {
    await check()
    await forgeHold('mallory')
    const report = await check()
    expect(brokenIn(report)).toEqual([
      expect.stringMatching(/^3 .*p\.mallory\.a7 holds wiki\.member\.mallory/),
    ])
    expect(brokenIn(await check())).toEqual(brokenIn(report))
    const problems = await engine.application.problems(user('admin'), {
      kind: 'broken-promise',
      limit: 10,
    })
    expect(problems.items).toMatchObject([
      {
        id: 'broken-promise:promise-3',
        packageId: null,
        detail: { code: 'promise.3-broken', message: expect.stringContaining('mallory') },
      },
    ])
  })

  it('takes what is under way for what it is', async () => {
    // Assigned, and nobody has got to it; ended a moment ago, and still held; a target that refuses for days.
    engine.main.down()
    await submit(engine, 'asked', 'anna')
    expect(brokenIn(await check())).toEqual([])
    await engine.settleUntil(addMillis(START, 4 * DAY))
    expect(engine.main.held()).not.toEqual([])
    expect(brokenIn(await check())).toEqual([])
    await send(engine, 'admin', { type: 'AddResource', catalogId: 'default', resourceId: 'repo' })
    await send(engine, 'admin', {
      type: 'AddResourceRole',
      packageId: 'p',
      resourceId: 'repo',
      roleId: 'member',
    })
    expect(brokenIn(await check())).toEqual([])
  })

  it('waits for timers that are being caught up with, and not for those that nobody knows of', async () => {
    await engine.stop()
    engine.clock.set(addMillis(START, 3 * DAY))
    // Three ends have come, and the engine was down.
    expect(brokenIn(await check())).toEqual([])
    await engine.pool.query('delete from portcullis_views.deadlines')
    // It was up meanwhile: it delivered something.
    await forge('entitlement-p.alice', 'RolesDelivered.v1', {
      assignmentId: 'p.alice.a1',
      roles: [],
      complete: true,
      rolesVersion: 1,
    })
    const [found, ...others] = brokenIn(await check())
    expect(found).toMatch(/^5 .*the expiry of p\.alice\.a1 was due at .* hasn't fired/)
    expect(others).toEqual([])
  })

  it('is one at a time, and goes on after it was stopped', async () => {
    const stop = new AbortController()
    stop.abort()
    expect(await check({ signal: stop.signal })).toMatchObject({ finished: false, groups: 0 })
    const both = await Promise.all([1, 2].map(() => checkLive(engine, { signal: never })))
    const done = both.filter((report) => report !== undefined)
    expect(done.length).toBeGreaterThanOrEqual(1)
    expect(done[0]).toMatchObject({ finished: true, events: Number(await engine.store.head()) })
  })

  it('is queued once a day, and again when the clock has been ahead', async () => {
    const { promiseRecords } = engine
    const parts = { ...engine.parts, promiseRecords, promisesEveryMillis: DAY }
    const queued = async () => {
      engine.jobs.wipe()
      await queueCheck(parts)
      return (await engine.jobs.counts('drift')).waiting
    }
    expect(await queued()).toBe(1)
    await runCheck(parts, never)
    expect(await queued()).toBe(0)
    engine.clock.advance(DAY)
    expect(await queued()).toBe(1)
    await runCheck(parts, never)
    engine.clock.set(START)
    expect(await queued()).toBe(1)
    expect(await queueCheck({ ...parts, promisesEveryMillis: null })).toBeUndefined()
  })
})
