/** A look that took longer than it may; it goes on in the background, and nobody starts another one meanwhile. */
export class NoAnswerInTime extends Error {
  constructor(millis: number) {
    super(`no answer within ${millis} ms`)
    this.name = 'NoAnswerInTime'
  }
}

export interface GuardOptions {
  /** The longest that somebody waits for an answer, milliseconds. */
  readonly timeoutMillis: number
  /** How long an answer counts, milliseconds. */
  readonly keepMillis: number
  /** A steady clock, milliseconds from any beginning. */
  readonly steadyMillis: () => number
}

/**
 * Keeps those who look from disturbing what they look at: one look at a time, no matter who asks, an answer that counts
 * for a while, and a bounded wait.
 * A look that hangs is waited for by each who asks, but never started twice.
 * @throws NoAnswerInTime, or what `look` throws; neither is kept
 */
export const guarded = <Answer>(
  look: () => Promise<Answer>,
  { timeoutMillis, keepMillis, steadyMillis }: GuardOptions,
): (() => Promise<Answer>) => {
  let kept: { readonly answer: Answer; readonly at: number } | undefined
  let underWay: Promise<Answer> | undefined
  const start = (): Promise<Answer> => {
    const looking = look()
      .then((answer) => {
        kept = { answer, at: steadyMillis() }
        return answer
      })
      .finally(() => {
        underWay = undefined
      })
    underWay = looking
    return looking
  }
  return () => {
    if (kept !== undefined && steadyMillis() - kept.at < keepMillis)
      return Promise.resolve(kept.answer)
    return within(underWay ?? start(), timeoutMillis)
  }
}

const within = async <Answer>(answer: Promise<Answer>, millis: number): Promise<Answer> => {
  const { promise: tooLate, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new NoAnswerInTime(millis)), millis)
  try {
    return await Promise.race([answer, tooLate])
  } finally {
    clearTimeout(timer)
  }
}
