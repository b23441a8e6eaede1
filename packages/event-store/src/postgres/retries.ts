import { backOff } from '@portcullis/core'

/** Milliseconds before the next try after the n-th failure (from 1): 50, 100, 200 … up to 2 s. */
export const waitAfter = backOff({ first: 50, longest: 2_000 })
