/** Milliseconds before the next try: 50, 100, 200 … up to 2 s. */
export const backOff = (attempt: number): number => Math.min(2_000, 50 * 2 ** attempt)
