/** How long and how often a call is tried. */
export interface RetryPolicy {
  /** Most tries of one call. */
  readonly tries: number
  /** No try begins later than this after the first one, milliseconds. */
  readonly totalMillis: number
  /** Time for one try to be answered, milliseconds; for a download, until its first byte. */
  readonly tryMillis: number
  /** Before the second try, milliseconds; doubled from then on, up to `longestDelayMillis`. */
  readonly firstDelayMillis: number
  readonly longestDelayMillis: number
}

export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  tries: 8,
  totalMillis: 60_000,
  tryMillis: 15_000,
  firstDelayMillis: 200,
  longestDelayMillis: 10_000,
}

/** Time and chance, so that a test can hand in its own. */
export interface Timing {
  /** Milliseconds since 1970. */
  now(): number
  /** Resolves after so many milliseconds; rejects with the signal's reason as soon as it aborts. */
  sleep(millis: number, signal: AbortSignal | undefined): Promise<void>
  /** From 0 up to, not including, 1. */
  random(): number
}

export const systemTiming: Timing = {
  now: () => Date.now(),
  random: () => Math.random(),
  sleep: (millis, signal) =>
    new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', end)
        if (signal?.aborted) reject(signal.reason)
        else resolve()
      }
      const timer = setTimeout(end, millis)
      signal?.addEventListener('abort', end)
      if (signal?.aborted) end()
    }),
}

/**
 * How long to wait before the next try, milliseconds: doubled each time, up to half of it less by chance, so that many
 * who failed together don't come back together; never less than the server asked for.
 * @param tried tries that have failed, 1 or more
 * @param asked what Retry-After says, milliseconds
 */
export const delayBefore = (
  { firstDelayMillis, longestDelayMillis }: RetryPolicy,
  tried: number,
  asked: number | undefined,
  random: () => number,
): number => {
  const whole = Math.min(longestDelayMillis, firstDelayMillis * 2 ** (tried - 1))
  return Math.max(Math.round(whole * (1 - random() / 2)), asked ?? 0)
}

/**
 * @returns what a Retry-After header asks for (RFC 9110 10.2.3: seconds, or a date), milliseconds from now; undefined
 *   when it says nothing that can be read
 */
export const retryAfterMillis = (header: string | null, now: number): number | undefined => {
  const text = header?.trim() ?? ''
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000
  // A date has a comma after the day's name; Date.parse alone would also take numbers with a sign.
  const at = text.includes(',') ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.max(0, at - now)
}
