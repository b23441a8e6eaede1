import { slapdMissing } from '@portcullis/provisioning/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type FaultRun, openFaultRun, type SufferOptions } from './testing/faultRun.ts'
import { ldapTarget, scimTarget, TIMEOUT_MILLIS, webhookTarget } from './testing/faultTargets.ts'
import { brokenPromises, whatIsThere } from './testing/faultVerdict.ts'

/** Give the seed of a failed run to draw the same acts, faults and kills again. */
const seed = Number(process.env.FAULTS_SEED ?? Math.floor(Math.random() * 1_000_000))

const MINUTE = 60_000
const missing = slapdMissing()
/** Each with its real server behind a line that fails: a new one is a line here. */
const TARGETS = [scimTarget, webhookTarget, ...(missing === undefined ? [ldapTarget] : [])]

describe(`targets equal grants equal assignments (FAULTS_SEED=${seed}${missing ? `; without LDAP: ${missing}` : ''})`, () => {
  let run: FaultRun
  beforeAll(async () => {
    run = await openFaultRun(seed, await Promise.all(TARGETS.map((start) => start())))
  })
  afterAll(() => run?.close())

  it.each([
    [
      'three of ten exchanges fail at random',
      { fault: { kind: 'at random', share: 0.3 }, acts: 24, kills: 2, lastsMillis: 20 * MINUTE },
    ],
    [
      'they fail for an hour, then recover',
      { fault: { kind: 'down' }, acts: 16, kills: 1, lastsMillis: 60 * MINUTE },
    ],
    [
      'they answer after the time-out',
      {
        fault: { kind: 'late', share: 0.3, millis: 1.5 * TIMEOUT_MILLIS },
        acts: 16,
        kills: 1,
        lastsMillis: 10 * MINUTE,
      },
    ],
    [
      'they do it, and then the connection is cut',
      {
        fault: { kind: 'done, then cut', share: 0.3 },
        acts: 24,
        kills: 2,
        lastsMillis: 20 * MINUTE,
      },
    ],
  ] as const satisfies readonly (readonly [string, SufferOptions])[])(
    'though %s, and the worker is killed',
    { timeout: 300_000 },
    async (_, options) => {
      await run.suffer(options)
      const there = await whatIsThere(run)
      expect(there.inTargets).toEqual(there.askedFor)
      expect(there.believedPresent).toEqual(there.askedFor)
      expect(there.held).toEqual(there.askedFor)
      expect(there.assignments).toEqual(there.assignmentsAskedFor)
    },
  )

  it('and every promise is kept', { timeout: 300_000 }, async () => {
    const { inTargets } = await whatIsThere(run)
    const lines = run.proxies.map(({ stats }, index) => ({
      target: run.targets[index]?.name,
      ...stats,
    }))
    console.log(
      JSON.stringify({
        seed,
        commands: run.acts.sent.length,
        memberships: inTargets.length,
        kills: run.stats.kills,
        minutesAhead: Math.round(run.stats.aheadMillis / MINUTE),
        lines,
      }),
    )
    expect(lines.filter(({ faulty }) => faulty === 0)).toEqual([])
    expect(await brokenPromises(run)).toEqual({})
  })
})
