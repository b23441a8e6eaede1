/**
 * How much the long tests do: `npm test` as much as shows a fault that is there, the nightly run
 * (`PORTCULLIS_TEST_EXTENT=full`) also what happens once in a thousand times. The one place of these numbers.
 */
const EXTENT = process.env.PORTCULLIS_TEST_EXTENT ?? 'short'
if (EXTENT !== 'short' && EXTENT !== 'full')
  throw new Error(`PORTCULLIS_TEST_EXTENT is short or full, not ${EXTENT}`)
const FULL = EXTENT === 'full'

export const extent = {
  /** Crash runs: requests, and how many times processes are killed under them. */
  crash: FULL ? { requests: 500, kills: 10 } : { requests: 150, kills: 3 },
  /** Crash runs in which the queue is emptied three times, with a kill after the first two. */
  wipes: FULL ? { requests: 1_000 } : { requests: 150 },
  /** Mails through a flaky server. */
  mails: FULL ? 10_000 : 1_000,
  /** Views that are rebuilt while commands come in; undefined: each. All are rebuilt at rest as well. */
  rebuiltUnderLoad: FULL ? undefined : ['entitlements', 'grants'],
} as const
