import { addMillis } from '@portcullis/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { alarmJob, FIRE_NOW, QUEUES } from '../queues.ts'
import { createPackage, openTerms, submit } from '../testing/send.ts'
import { openTestEngine, START, type TestEngine } from '../testing/testEngine.ts'
import { setAlarms } from './alarms.ts'

const HOUR = 3_600_000
const SECOND = 1000

describe('the alarm clock', () => {
  let engine: TestEngine
  beforeEach(async () => {
    engine = await openTestEngine()
    await createPackage(engine, 'p', {
      terms: openTerms({
        expiration: { kind: 'afterHours', hours: 1 },
        extension: { allowed: false },
      }),
    })
  })
  afterEach(() => engine.close())

  const at = (millis: number) => engine.clock.set(addMillis(START, millis))
  const alarms = async (): Promise<number> => {
    const { waiting, delayed } = await engine.jobs.counts(QUEUES.deadlines)
    return waiting + delayed
  }
  const lastOf = async (subjectId: string) =>
    (await engine.events(`entitlement-p.${subjectId}`)).at(-1)

  it('has one alarm for all that is due in a second, however often it is set', async () => {
    for (const [millis, id] of [
      [1, 'alice'],
      [500, 'anna'],
      [1000, 'ben'],
      [1001, 'carl'],
    ] as const) {
      at(millis)
      await submit(engine, 'p', id)
    }
    await engine.project()
    expect(await setAlarms(engine.parts, 2 * HOUR)).toBe(2)
    expect(await setAlarms(engine.parts, 2 * HOUR)).toBe(2)
    expect(await alarms()).toBe(2)
    expect(engine.jobs.nextDueAt()).toBeUndefined()
    await engine.start()
    await engine.settleUntil(addMillis(START, HOUR + 1000))
    for (const id of ['alice', 'anna', 'ben'])
      expect((await lastOf(id))?.metadata.at).toBe(addMillis(START, HOUR + 1000))
    expect((await lastOf('carl'))?.type).toBe('RolesDelivered.v1')
    await engine.settleUntil(addMillis(START, HOUR + 2000))
    expect((await lastOf('carl'))?.type).toBe('RolesRevoked.v1')
  })

  it('rings again when it rang early: by a clock that was set back, or the queue’s that is ahead', async () => {
    await engine.start()
    await submit(engine, 'p', 'alice')
    await engine.settle()
    engine.jobs.wipe()
    const end = addMillis(START, HOUR)
    for (const early of [30_000, 2 * SECOND]) {
      at(HOUR)
      await engine.jobs.enqueue([alarmJob(end)])
      at(HOUR - early)
      // The queue takes it for due.
      await engine.jobs.enqueue([{ ...FIRE_NOW, data: { second: end } }])
      await engine.settle()
      expect((await lastOf('alice'))?.type).toBe('RolesDelivered.v1')
    }
    engine.jobs.wipe()
    at(HOUR - SECOND)
    await engine.jobs.enqueue([{ ...FIRE_NOW, data: { second: end } }])
    await engine.settle()
    expect(engine.jobs.nextDueAt()).toBe(end)
    await engine.settleUntil(end)
    expect(await engine.typesOf('entitlement-p.alice')).toContain('AssignmentEnded.v2')
  })
})
