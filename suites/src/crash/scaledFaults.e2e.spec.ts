import { redisMissing } from '@portcullis/jobs/testing'
import { sizeOfRun } from '@portcullis/runtime/testing'
import { expect, it } from 'vitest'
import { runWithCrashes } from './testing/crashRun.ts'
import type { Disruption } from './testing/installation.ts'
import { createRandom } from './testing/random.ts'
import { installScaled } from './testing/scaledInstallation.ts'
import { keepLeases, summaryOf, takeOversOf, timesOf } from './testing/takeOvers.ts'
import { verdictOf } from './testing/verdict.ts'

/** Give the seed of a failed run to draw the same stories and moments again. */
const seed = Number(process.env.CRASH_SEED ?? Math.floor(Math.random() * 1_000_000))
/** How many are sent: some where the size is the one that this is about, many when asked for. */
const requests = Number(process.env.FAULTS_REQUESTS ?? (sizeOfRun() === 'cluster' ? 200 : 0))

const EACH: readonly Disruption[] = [
  'kill',
  'kill',
  'kill api',
  'cut store',
  'lose store',
  'restart database',
  'wipe',
]
/** After a crash, for a projection or reactor to have an owner again. */
const TAKE_OVER_MILLIS = 10_000

const missing =
  requests === 0
    ? 'npm run test:scaled -- --size cluster runs it with 200 requests, FAULTS_REQUESTS=5000 with so many'
    : redisMissing()

it(`two APIs and three workers reach the right ends, whatever goes away in the middle (CRASH_SEED=${seed})`, {
  timeout: 600_000 + requests * 1_000,
}, async ({ skip }) => {
  skip(missing !== undefined, missing)
  const run = await runWithCrashes({
    seed,
    requests,
    disruptions: createRandom(seed).shuffled(EACH),
    whileSending: 1,
    install: installScaled,
    begun: keepLeases,
  })
  try {
    const takeOvers = await takeOversOf(run)
    console.log(timesOf(run, takeOvers))
    const { broken, report } = await verdictOf(run)
    console.log(JSON.stringify({ seed, takeOvers: summaryOf(takeOvers), ...report }))
    expect(broken).toEqual({})
    // By the rows of the leases: without any, nothing was shown.
    expect(takeOvers).not.toEqual([])
    expect(takeOvers.filter(({ millis }) => millis > TAKE_OVER_MILLIS)).toEqual([])
  } finally {
    await run.close()
  }
})
