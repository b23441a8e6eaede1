/** How long to wait before trying again, milliseconds. */
export interface BackOff {
  /** After the first failure; twice as long after each further one. */
  readonly first: number
  /** No wait is longer, before the jitter. */
  readonly longest: number
  /** So that many who failed together don't come back together. */
  readonly jitter?: Jitter
}

/** Chance makes a wait up to `less` of it shorter, up to `more` of it longer (0.2: a fifth), all between alike. */
export interface Jitter {
  readonly less: number
  readonly more: number
  /** From 0 to 1. */
  readonly chance: () => number
}

/**
 * Exponential back-off.
 * @returns how long to wait after so many failures in a row, from 1; whole milliseconds where there is jitter
 */
export const backOff =
  ({ first, longest, jitter }: BackOff) =>
  (failures: number): number => {
    const wait = Math.min(first * 2 ** Math.max(failures - 1, 0), longest)
    if (jitter === undefined) return wait
    const { less, more, chance } = jitter
    const middle = 1 + (more - less) / 2
    return Math.round(wait * (middle + ((more + less) / 2) * (2 * chance() - 1)))
  }
