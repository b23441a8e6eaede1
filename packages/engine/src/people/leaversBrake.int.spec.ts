import { addMillis } from '@portcullis/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { importOrganisation, ORGANISATION } from '../testing/organisation.ts'
import { createPackage, openTerms, send, submit } from '../testing/send.ts'
import { openTestEngine, START, type TestEngine } from '../testing/testEngine.ts'
import { createSweep } from '../work/sweep.ts'
import { createPeopleCare } from './lookAfterPeople.ts'

const never = new AbortController().signal
const HOUR = 3_600_000
const ADMIN = { actor: { kind: 'user', id: 'admin' }, directoryRoles: [] } as const
/** Two may go within a day; what somebody has ends an hour after they left. */
const LEAVERS = { endAfterMillis: HOUR, limits: { most: 2, share: 0, withinMillis: 24 * HOUR } }

describe('leavers who come few at a time', () => {
  let engine: TestEngine
  beforeEach(async () => {
    engine = await openTestEngine()
    await engine.start()
    await createPackage(engine, 'p', { terms: openTerms() })
    for (const id of ['alice', 'anna', 'ben', 'carl', 'dora']) await submit(engine, 'p', id)
    await engine.settle()
  })
  afterEach(() => engine.close())

  const hours = (count: number) => engine.clock.set(addMillis(START, count * HOUR))
  const gone: string[] = []
  beforeEach(() => gone.splice(0))
  const leave = async (...ids: readonly string[]) => {
    gone.push(...ids)
    await importOrganisation(
      engine.pool,
      {
        people: ORGANISATION.people.map((one) =>
          gone.includes(one.id) ? { ...one, enabled: false } : one,
        ),
      },
      { now: engine.clock.now() },
    )
  }
  /** @returns who has lost it, and what is listed as held */
  const sweep = async (leavers = LEAVERS) => {
    const lookAfterPeople = createPeopleCare({ ...engine, ...engine.parts, leavers })
    await engine.caughtUp()
    await createSweep({ ...engine.parts, lookAfterPeople })(never)
    await engine.caughtUp()
    const { rows } = await engine.pool.query<{ id: string }>(
      'select subject_id as id from portcullis_views.assignments where not ongoing order by 1',
    )
    const { items } = await engine.application.problems(ADMIN, { kind: 'held-back', limit: 10 })
    return [...rows.map(({ id }) => id), ...items.map(({ detail }) => detail?.message ?? '')]
  }
  const HELD = expect.stringMatching(/^3 of 5 people .* more than 2/)

  it('lose no more within a day than may go at once, and the others when it is over', async () => {
    await leave('alice')
    hours(1)
    expect(await sweep()).toEqual(['alice'])
    await leave('anna')
    hours(2)
    expect(await sweep()).toEqual(['alice', 'anna'])
    await leave('ben')
    hours(3)
    expect(await sweep()).toEqual(['alice', 'anna', HELD])
    hours(24.9)
    expect(await sweep()).toEqual(['alice', 'anna', HELD])
    hours(25)
    expect(await sweep()).toEqual(['alice', 'anna', 'ben'])
  })

  it('are as many as come, where there is no window', async () => {
    const leavers = { ...LEAVERS, limits: { ...LEAVERS.limits, withinMillis: 0 } }
    await leave('alice', 'anna')
    hours(1)
    expect(await sweep(leavers)).toEqual(['alice', 'anna'])
    await leave('ben', 'carl')
    hours(2)
    expect(await sweep(leavers)).toEqual(['alice', 'anna', 'ben', 'carl'])
  })

  it('count anew after somebody has released them', async () => {
    await leave('alice', 'anna')
    hours(1)
    expect(await sweep()).toEqual(['alice', 'anna'])
    await leave('ben')
    hours(2)
    expect(await sweep()).toEqual(['alice', 'anna', HELD])
    const released = await send(engine, 'admin', { type: 'ReleaseLeaverEndings' })
    expect(released.result).toEqual({ people: 1 })
    hours(2.1)
    expect(await sweep()).toEqual(['alice', 'anna', 'ben'])
    await leave('carl', 'dora')
    hours(3.2)
    expect(await sweep()).toEqual(['alice', 'anna', 'ben', 'carl', 'dora'])
  })

  it('count with those who have lost it, or with those who are to, but not with both', async () => {
    await leave('alice')
    hours(1)
    expect(await sweep()).toEqual(['alice'])
    hours(20)
    await leave('anna')
    hours(21)
    await leave('ben')
    expect(await sweep()).toEqual(['alice', 'anna'])
    await leave('carl', 'dora')
    hours(22)
    expect(await sweep()).toEqual(['alice', 'anna', expect.stringMatching(/^5 of 5/)])
  })
})
