import { parseArgs } from 'node:util'

const SIZES = ['server', 'cluster'] as const
export type ScaledSize = (typeof SIZES)[number]

export interface ScaledOptions {
  readonly help: boolean
  /** In the order in which they run. */
  readonly sizes: readonly ScaledSize[]
  /** Parts of test files' paths; all that the sizes make a difference to when empty. */
  readonly filters: readonly string[]
}

export const scaledUsage = `npm run test:scaled -- [--size <size>] [<part of a test file's path>…]
Runs the end-to-end tests of the acceptance table and the API in larger sizes than npm test does.
  --size server     events, views and jobs in one PostgreSQL; 2 APIs and 2 workers: the rows of the acceptance table
                    for which a second process matters (all of them with PORTCULLIS_TEST_EXTENT=full)
  --size cluster    events in EventStoreDB (the server of EVENTSTORE_URL; a double of its protocol when not set),
                    jobs on a Redis of the run's own, views in PostgreSQL; 2 APIs and 3 workers;
                    and once more while processes, connections and servers go away
  --help            this
Without --size: both. The last line counts: N passed, N failed, N skipped.
Ends with 0 when nothing failed, 1 when something did, 2 when an option is wrong, 130 when it was interrupted.`

/** @returns the options, or a sentence that says what is wrong with them */
export const scaledOptions = (words: readonly string[]): ScaledOptions | string => {
  try {
    const { values, positionals } = parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        size: { type: 'string', multiple: true, default: [] },
      },
    })
    const unknown = values.size.find((size) => !SIZES.some((known) => known === size))
    if (unknown !== undefined)
      return `--size ${unknown}: there is no such size; there are ${SIZES.join(' and ')}.`
    return {
      help: values.help,
      sizes: SIZES.filter((size) => values.size.length === 0 || values.size.includes(size)),
      filters: positionals,
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
