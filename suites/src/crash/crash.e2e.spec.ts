import { extent } from '@portcullis/core/testing'
import { redisMissing, startRedis, type TestRedis } from '@portcullis/jobs/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { runWithCrashes } from './testing/crashRun.ts'
import { type Disruption, installSmall, type SmallOptions } from './testing/installation.ts'
import { verdictOf } from './testing/verdict.ts'

/** Give the seed of a failed run to draw the same stories and moments again. */
const seed = Number(process.env.CRASH_SEED ?? Math.floor(Math.random() * 1_000_000))

const TIMEOUT = { timeout: 1_200_000 }
const { requests, kills } = extent.crash
const KILLS: readonly Disruption[] = Array<Disruption>(kills).fill('kill')
const WIPES_AND_KILLS: readonly Disruption[] = ['wipe', 'kill', 'wipe', 'kill', 'wipe']

const WHILE_SENDING = 0.6

interface Proof extends SmallOptions {
  readonly requests: number
  readonly disruptions: readonly Disruption[]
}

const proves = async ({ requests, disruptions, ...small }: Proof): Promise<void> => {
  const run = await runWithCrashes({
    seed,
    requests,
    disruptions,
    whileSending: WHILE_SENDING,
    install: (seen) => installSmall(small, seen),
  })
  try {
    const { broken, report } = await verdictOf(run)
    console.log(JSON.stringify({ seed, ...report }))
    expect(broken).toEqual({})
    // Each disruption did strike.
    expect(run.struck.map(({ disruption }) => disruption)).toEqual(disruptions)
  } finally {
    await run.close()
  }
}

describe(`requests reach their right ends, and mails arrive (CRASH_SEED=${seed})`, () => {
  it(`though the worker is killed ${kills} times`, TIMEOUT, () =>
    proves({ requests, disruptions: KILLS, processes: 'two' }),
  )

  it(
    `though everything is killed ${kills} times but the database, which is found again`,
    TIMEOUT,
    () => proves({ requests, disruptions: KILLS, processes: 'one' }),
  )

  it("though the queue's tables are emptied again and again", TIMEOUT, () =>
    proves({ ...extent.wipes, disruptions: WIPES_AND_KILLS, processes: 'two' }),
  )

  const missing = redisMissing()
  describe.skipIf(missing !== undefined)(`on Redis${missing ? `: ${missing}` : ''}`, () => {
    let redis: TestRedis
    beforeAll(async () => {
      redis = await startRedis()
    })
    afterAll(() => redis.stop())

    it('though Redis is lost again and again, and comes back empty', TIMEOUT, () =>
      proves({ ...extent.wipes, disruptions: WIPES_AND_KILLS, processes: 'two', redis }),
    )
  })
})
