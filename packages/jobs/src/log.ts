/** Where the queue reports trouble; a pino logger fits. */
export interface JobsLog {
  info(data: object, message: string): void
  warn(data: object, message: string): void
  error(data: object, message: string): void
}

const QUIET_MILLIS = 30_000

/**
 * A log for errors that come in bursts: a lost connection makes every worker complain several times a second.
 * The same message is written once in 30 seconds, with the number of those that were swallowed in between.
 */
export const calmWarnings = (
  log: JobsLog,
  monotonicMillis: () => number,
): ((data: object, message: string) => void) => {
  const written = new Map<string, { at: number; swallowed: number }>()
  return (data, message) => {
    const now = monotonicMillis()
    const last = written.get(message)
    if (last !== undefined && now - last.at < QUIET_MILLIS) {
      last.swallowed += 1
      return
    }
    // Messages hold addresses and ids, so that a long outage must not make this grow without bound.
    if (written.size >= 1000) written.clear()
    written.set(message, { at: now, swallowed: 0 })
    log.warn(last?.swallowed ? { ...data, repeated: last.swallowed } : data, message)
  }
}
