/** The queue's server can't be reached, or doesn't answer. Nothing may have been added: send it again. */
export class JobsUnavailable extends Error {
  readonly code = 'jobs.unavailable'
  constructor(what: string, options?: { readonly cause?: unknown }) {
    const reason = options?.cause instanceof Error ? `: ${options.cause.message}` : ''
    super(`${what}${reason}; check that the queue's server runs and try again`, options)
    this.name = 'JobsUnavailable'
  }
}

/**
 * Waits for `work` for at most `millis`; what is still under way then goes on unwatched.
 * @returns true when it ended in time, false when not
 * @throws what `work` throws in time
 */
export const endsWithin = async (work: Promise<unknown>, millis: number): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, millis, false)
  })
  try {
    return await Promise.race([work.then(() => true), timeout])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * The result of `work`, or a clear error after `millis`.
 * @throws JobsUnavailable when it takes longer, or with the error of `work` as its cause
 */
export const within = async <T>(work: Promise<T>, millis: number, what: string): Promise<T> => {
  let result: { readonly value: T } | undefined
  try {
    const ended = work.then((value) => {
      result = { value }
    })
    await endsWithin(ended, millis)
  } catch (cause) {
    throw cause instanceof JobsUnavailable ? cause : new JobsUnavailable(what, { cause })
  }
  if (result === undefined) throw new JobsUnavailable(`${what}: no answer in ${millis} ms`)
  return result.value
}
