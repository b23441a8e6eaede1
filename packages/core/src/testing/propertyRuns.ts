/** How often a property is tried, and where the random choices start: for `fc.assert` of fast-check. */
export interface PropertyRuns {
  readonly numRuns: number
  readonly seed?: number
  /** Replays one run, with its shrinking: what fast-check calls the path of a counterexample. */
  readonly path?: string
}

const DEFAULT_RUNS = 1_000

/**
 * The one place that says how often properties run: 1,000 times, or as often as `PORTCULLIS_PROPERTY_RUNS` says (the
 * nightly run: 100,000).
 * `PORTCULLIS_PROPERTY_SEED` and `PORTCULLIS_PROPERTY_PATH` repeat a run that failed: it prints both.
 */
export const propertyRuns = (): PropertyRuns => {
  const { PORTCULLIS_PROPERTY_PATH: path } = process.env
  const seed = wholeNumber('PORTCULLIS_PROPERTY_SEED')
  return {
    numRuns: wholeNumber('PORTCULLIS_PROPERTY_RUNS') ?? DEFAULT_RUNS,
    ...(seed === undefined ? {} : { seed }),
    ...(path === undefined || path === '' ? {} : { path }),
  }
}

/** How long a property may take, milliseconds: far more than it should, on a machine that is busy. */
export const propertyTimeout = (): number => 60_000 + propertyRuns().numRuns * 100

const wholeNumber = (name: string): number | undefined => {
  const text = process.env[name]
  if (text === undefined || text === '') return undefined
  if (!/^-?\d{1,10}$/.test(text)) throw new TypeError(`${name} must be a whole number, not ${text}`)
  return Number(text)
}
