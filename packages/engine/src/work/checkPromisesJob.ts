import { addMillis, type Jobs } from '@portcullis/core'
import { checkLive, type LiveCheckDependencies } from '@portcullis/promises'
import type { Log } from '../log.ts'
import { CHECK_PROMISES_JOB } from '../queues.ts'

export interface CheckJobDependencies extends LiveCheckDependencies {
  readonly jobs: Pick<Jobs, 'enqueue'>
  readonly log: Pick<Log, 'info' | 'error' | 'debug'>
  /** Null: only when somebody asks. */
  readonly promisesEveryMillis: number | null
}

/**
 * Queues a check when the last one ended long enough ago, or none ever did. Level-triggered, by the time of the last
 * end: a clock that was ahead puts none off.
 */
export const queueCheck = async ({
  promiseRecords,
  promisesEveryMillis,
  clock,
  jobs,
}: CheckJobDependencies): Promise<void> => {
  if (promisesEveryMillis === null) return
  const { endedAt } = await promiseRecords.state()
  const now = clock.now()
  if (endedAt !== null && endedAt <= now && addMillis(endedAt, promisesEveryMillis) > now) return
  await jobs.enqueue([CHECK_PROMISES_JOB])
}

/** The `check-promises` job. Ended in between, the next one goes on from there. */
export const runCheck = async (
  dependencies: CheckJobDependencies,
  signal: AbortSignal,
): Promise<void> => {
  const { log } = dependencies
  const report = await checkLive(dependencies, { signal })
  if (report === undefined) return log.debug({}, 'somebody else checks the promises')
  const { results, events, groups, position, finished } = report
  const broken = results.filter(({ holds }) => !holds)
  for (const { number, promise, violations, broken: sentences } of broken)
    log.error({ number, violations, first: sentences[0] }, `a promise is broken: ${promise}`)
  log.info({ events, groups, position, finished, broken: broken.length }, 'checked the promises')
}
