import type { Instant } from '@portcullis/core'
import { checkPromises } from '@portcullis/promises'
import { conferred } from './conferred.fixture.ts'
import type { SimulatedEngine } from './engine.fixture.ts'
import {
  type Broke,
  checkDecisions,
  checkPlaces,
  checkRevokes,
  type Moment,
} from './oracle.fixture.ts'
import { checkTimers } from './timers.fixture.ts'
import { rebuilt } from './views.fixture.ts'

const FOR_EVER = '9999-12-31T23:59:59.999Z'
const ALL = 100_000
const NO_PROBES = { viewsEqual: [], repeats: [], readYourWrites: [], replay: [] } as const

/**
 * What the checker can't know of such a run, each about once in 100,000 runs:
 * a timer that was set after the clock had been set back may be due before one that has fired (`checkTimers` here looks
 * at what was set by then); a worker that slept through the end, and whose package lost the role, may add a hold while
 * "nothing is left" is written. It is taken back by the next look; that at the end nothing holds is looked at above.
 */
const PASSING = [/which was due later/, /says that nothing of .* is left, but it still held/]

const unjustified = (engine: SimulatedEngine, before: readonly string[]): readonly string[] => {
  const { may } = conferred(engine.events())
  return [...engine.target.held].filter((id) => !may.has(id) && !before.includes(id))
}

/**
 * Promise 2, while things are under way: what should be gone and isn't yet is seen as open. The views have caught up.
 */
export const checkOnTheWay = async (
  engine: SimulatedEngine,
  before: readonly string[],
  broke: Broke,
): Promise<void> => {
  const left = unjustified(engine, before)
  if (left.length === 0) return
  const { views } = engine.views
  const everything = { updatedBefore: FOR_EVER, now: FOR_EVER, limit: ALL }
  const astray = await views.astrayEntitlements({ ...everything, among: 'newest' })
  const entitlements = [...(await views.unsettledEntitlements(everything)), ...astray.ids]
  const grants = new Set(
    engine.views.tables
      .rows('grants')
      .filter((row) => row.settled === false)
      .map((row) => row.id),
  )
  for (const id of left) {
    const subject = id.split('.')[2]
    const seen = grants.has(id) || entitlements.some((open) => open.endsWith(`.${subject}`))
    if (!seen) broke(2, `the target has ${id}, which nothing confers, and nobody sees that`)
  }
}

/** All promises, when the engine has come to rest. */
export const checkAtRest = async (
  engine: SimulatedEngine,
  situation: {
    readonly before: readonly string[]
    readonly now: Instant
    readonly momentOf: (position: bigint) => Moment
  },
  broke: Broke,
): Promise<void> => {
  const { before, now, momentOf } = situation
  const events = engine.events()
  const held = engine.target.held
  checkPlaces(events, broke)
  checkDecisions(events, momentOf, broke)
  checkRevokes(events, broke)
  checkTimers(events, now, broke)
  for (const id of unjustified(engine, before))
    broke(2, `the target has ${id}, and nothing confers it`)
  for (const id of conferred(events).must)
    if (!held.has(id)) broke(4, `${id} is conferred, and the target doesn't have it`)
  for (const id of before) if (!held.has(id)) broke(4, `${id} was there before us, and is gone`)
  if ((await rebuilt(engine.store, ALL)) !== engine.views.tables.content())
    broke(1, 'the views filled anew differ from the live ones')
  const results = checkPromises({
    events,
    memberships: held,
    membershipsBefore: new Set(before),
    // How late a timer may be is for the time-lapse: here the engine is down and behind all the time.
    tolerance: { lateMillis: Number.POSITIVE_INFINITY, downtimes: [] },
    probes: NO_PROBES,
    now,
  })
  for (const { number, broken } of results)
    for (const sentence of broken)
      if (!PASSING.some((known) => known.test(sentence))) broke(number, `checker: ${sentence}`)
}
