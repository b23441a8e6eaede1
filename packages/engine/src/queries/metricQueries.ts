import { addMillis, type Clock, type Refusal } from '@portcullis/core'
import type { OpenRemovals, ProblemCounts, RemovalHistogram, Views } from '@portcullis/views'
import type { Caller } from '../caller.ts'
import { unlessMayAsk } from './access.ts'
import type { QueryDependencies } from './dependencies.ts'
import { USUAL_MILLIS } from './problemQueries.ts'

/** What a monitor is told of the views, as they are now. */
export interface MetricFacts {
  /** Instant of the answer. */
  readonly at: string
  /** Removals since the beginning of the log, by resource: how many took at most each of {@link REMOVAL_BOUNDS}. */
  readonly removals: readonly RemovalHistogram[]
  readonly openRemovals: readonly OpenRemovals[]
  readonly problems: readonly ProblemCounts[]
  /** How many of the problems are older than each of {@link PROBLEM_AGES}. */
  readonly problemsOlder: readonly number[]
  /** When the earliest deadline was due that has not fired; null when none is overdue. */
  readonly oldestDueAt: string | null
}

/** Milliseconds. */
export const REMOVAL_BOUNDS = [
  1_000, 5_000, 15_000, 60_000, 300_000, 900_000, 3_600_000, 21_600_000, 86_400_000, 604_800_000,
] as const

/** Milliseconds: an hour, a day, a week. */
export const PROBLEM_AGES = [3_600_000, 86_400_000, 604_800_000] as const

/** Looks up what a monitor is told; who may ask is another question. */
export const metricFacts = async ({
  clock,
  views,
}: {
  readonly clock: Clock
  readonly views: Pick<
    Views,
    'removalHistograms' | 'openRemovals' | 'problemCounts' | 'dueDeadlines'
  >
}): Promise<MetricFacts> => {
  const at = clock.now()
  const overdueBefore = addMillis(at, -USUAL_MILLIS)
  const olderThan = async (millis: number): Promise<number> => {
    const counts = await views.problemCounts(overdueBefore, { sinceBefore: addMillis(at, -millis) })
    return counts.reduce((sum, { count }) => sum + count, 0)
  }
  const [removals, openRemovals, problems, due, ...problemsOlder] = await Promise.all([
    views.removalHistograms(REMOVAL_BOUNDS),
    views.openRemovals(),
    views.problemCounts(overdueBefore),
    views.dueDeadlines(at, 1),
    ...PROBLEM_AGES.map(olderThan),
  ])
  const oldestDueAt = due[0]?.dueAt ?? null
  return { at, removals, openRemovals, problems, problemsOlder, oldestDueAt }
}

export interface MetricQueries {
  /** Undefined when the caller may read metrics, else the refusal. */
  unlessMayReadMetrics(
    caller: Caller,
  ): Promise<{ readonly ok: false; readonly refusal: Refusal } | undefined>
}

export const metricQueries = (dependencies: QueryDependencies): MetricQueries => ({
  unlessMayReadMetrics: (caller) => unlessMayAsk(dependencies, caller, 'getMetrics'),
})
