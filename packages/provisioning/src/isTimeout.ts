/** Is an aborted signal's reason that time has run out, rather than that somebody was told to stop? */
export const isTimeout = (reason: unknown): boolean =>
  reason instanceof Error && reason.name === 'TimeoutError'
