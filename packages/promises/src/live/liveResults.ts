import type { Instant } from '@portcullis/core'
import { PROMISES } from '../checkPromises.ts'
import { MAX_BROKEN, type PromiseResult } from '../evidence.ts'
import type { PromiseRecords } from './promiseRecords.ts'

/** What is known of all groups, as the results of the promises. */
export const liveResults = ({
  checked,
  broken,
}: Awaited<ReturnType<PromiseRecords['results']>>): readonly PromiseResult[] =>
  PROMISES.map(({ number, promise }, index) => {
    const own = broken.filter((each) => each.number === number)
    const violations = own.reduce((sum, each) => sum + each.violations, 0)
    return {
      number,
      promise,
      holds: violations === 0,
      checked: checked[index] ?? 0,
      violations,
      broken: own.flatMap(({ sentences }) => sentences).slice(0, MAX_BROKEN),
    }
  })

/** A promise that is broken, as an open problem. */
export interface BrokenPromise {
  /** The same as long as it is the same promise. */
  readonly key: string
  readonly since: Instant
  readonly code: string
  readonly message: string
}

/** So many of a promise's violations are told in the list of open problems; `promises check` tells more. */
const TOLD = 3

export const problemsOf = (
  results: readonly PromiseResult[],
  now: Instant,
): readonly BrokenPromise[] =>
  results
    .filter(({ holds }) => !holds)
    .map(({ number, promise, violations, broken }) => ({
      key: `promise-${number}`,
      since: now,
      code: `promise.${number}-broken`,
      message: [
        `Promise ${number} (${promise}) is broken, ${violations === 1 ? 'once' : `${violations} times`}:`,
        ...broken.slice(0, TOLD).map((sentence) => `${sentence};`),
        'portcullis promises check tells more.',
      ].join(' '),
    }))
