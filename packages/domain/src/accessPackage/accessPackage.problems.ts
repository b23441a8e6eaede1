import type { Refusal, Refused } from '@portcullis/core'

/** One thing that is wrong with a command: where, and the "no" that it would get if it were the only one. */
export interface Problem {
  /** Where in the command: `policies[0].terms.zone`. */
  readonly path: string
  readonly refusal: Refusal
}

export const problem = (path: string, { refusal }: Refused): Problem => ({ path, refusal })

/**
 * All problems as one "no": the first one's, with the whole list in `data.problems` (S17). Undefined when there is
 * none.
 */
export const refuseAll = (problems: readonly Problem[]): Refused | undefined => {
  const [first] = problems
  if (first === undefined) return undefined
  const { refusal } = first
  return {
    ok: false,
    refusal: {
      ...refusal,
      data: {
        ...refusal.data,
        problems: problems.map(({ path, refusal: { code, message } }) => ({ path, code, message })),
      },
    },
  }
}
