import { addMillis, type Instant } from '@portcullis/core'
import { judgeLog } from '../checkPromises.ts'
import type { Live, PromiseResult } from '../evidence.ts'
import type { LogEvent } from '../logEvent.ts'
import { indexLog, type LogIndex } from '../logIndex.ts'
import { traceTimers } from '../timerTrace.ts'
import type { GroupVerdict } from './promiseRecords.ts'

/** The packages that a group's entitlements are of: their events, and what the index makes of them. */
export interface Surroundings {
  readonly events: readonly LogEvent[]
  readonly packages: LogIndex['packages']
}

/** For so long after its last event a group is looked at by each check: what was under way then is to have ended. */
const UNSETTLED = 25 * 3_600_000

const NONE = { viewsEqual: [], repeats: [], readYourWrites: [], replay: [] } as const

/**
 * What the log alone can say of one subject, or of one stream: targets, mails and probes aren't at hand.
 * @param own its events, in order
 */
export const judgeGroup = (
  key: string,
  own: readonly LogEvent[],
  { events: around, packages }: Surroundings,
  live: Live,
  now: Instant,
): GroupVerdict => {
  const index = { ...indexLog(own), packages }
  const results = judgeLog(
    {
      events: own,
      around,
      live,
      // When the engine was down isn't in the log: how late a timer was can't be judged, only that others have
      // overtaken it.
      tolerance: { lateMillis: Number.POSITIVE_INFINITY, downtimes: [] },
      probes: NONE,
      now,
    },
    index,
  )
  return {
    key,
    recheckAt: recheckAt(own, index, now),
    checked: results.map(({ checked }) => checked),
    broken: results.flatMap(brokenOf),
  }
}

const brokenOf = ({ number, holds, violations, broken: sentences }: PromiseResult) =>
  holds ? [] : [{ number, violations, sentences }]

/** When it may look otherwise although nothing has happened. */
const recheckAt = (
  own: readonly LogEvent[],
  { entitlements }: LogIndex,
  now: Instant,
): Instant | null => {
  const pending = [...entitlements.values()].flatMap((history) => traceTimers(history).pending)
  const times = pending.map(({ dueAt }) => dueAt)
  const last = own.at(-1)?.metadata.at
  if (last !== undefined && addMillis(last, UNSETTLED) > now) times.push(now)
  return times.sort()[0] ?? null
}
