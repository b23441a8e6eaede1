import { parseArgs } from 'node:util'

export interface NightlyOptions {
  readonly help: boolean
  /** The property tests alone: not the long tests with their full numbers. */
  readonly properties: boolean
  readonly runs: number
  /** Runs of each property in one round: a process of its own, after which progress is shown. */
  readonly chunk: number
  readonly processes: number
  /** No round begins after so many minutes; undefined: until all runs are done. */
  readonly minutes: number | undefined
  readonly seed: number
  readonly path: string | undefined
  /** Part of a property's name. */
  readonly only: string | undefined
}

export const usage = `npm run test:nightly -- [options]
First what npm test and npm run test:scaled do in short: crash runs, the flaky mail server and rebuilds with their full
numbers, then every row of the acceptance table in every size. Then tries the property tests
(*.property.unit.spec.ts) with random scripts until one fails, or all runs are done.
  --properties      the property tests alone; also with --only or --path
  --runs <n>        runs of each property, 100000 unless told
  --only <text>     only properties whose name holds the text: 'promise 2', 'entitlement', 'grant'
  --minutes <n>     begin no round after so many minutes
  --processes <n>   rounds side by side, 1 unless told
  --chunk <n>       runs in a round, 5000 unless told
  --seed <n>        where the random choices begin: with the seed of a run that failed, the same choices
  --path <path>     with --seed: one run and its shrinking, as a failed run prints it
  --help            this
Ends with 0 when nothing failed and no counterexample was found (also when the time was over), 1 when something did,
2 when an option is wrong.`

const MAX_SEED = 0x7fff_ffff

/** @returns the options, or a sentence that says what is wrong with them */
export const nightlyOptions = (words: readonly string[], now: number): NightlyOptions | string => {
  try {
    const { values } = parseArgs({
      args: [...words],
      options: {
        help: { type: 'boolean', short: 'h', default: false },
        properties: { type: 'boolean', default: false },
        runs: { type: 'string', default: '100000' },
        chunk: { type: 'string', default: '5000' },
        processes: { type: 'string', default: '1' },
        minutes: { type: 'string' },
        seed: { type: 'string', default: String(now % MAX_SEED) },
        path: { type: 'string' },
        only: { type: 'string' },
      },
    })
    if (values.path !== undefined && !words.includes('--seed'))
      return '--path goes with the --seed of the same run; give both.'
    return {
      help: values.help,
      properties: values.properties || values.only !== undefined || values.path !== undefined,
      // A path is of one seed, and each round has a seed of its own.
      runs: values.path === undefined ? whole('runs', values.runs) : 1,
      chunk: whole('chunk', values.chunk),
      processes: whole('processes', values.processes),
      minutes: values.minutes === undefined ? undefined : whole('minutes', values.minutes),
      seed: whole('seed', values.seed, 0),
      path: values.path,
      only: values.only,
    }
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const whole = (name: string, text: string, least = 1): number => {
  const number = Number(text)
  if (!/^\d{1,10}$/.test(text) || number < least)
    throw new RangeError(`--${name} must be a whole number from ${least} on, not ${text}.`)
  return number
}
