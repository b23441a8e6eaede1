/** Node's names of a connection that broke or couldn't be made. */
const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
])

/** What every adapter of the event store says when its server can't be reached. */
const STORE_UNAVAILABLE = 'event-store.unavailable'

/**
 * PostgreSQL's SQLSTATE classes (appendix A of its manual) that say something of the moment, not of the event:
 * 08 connection, 40 serialisation or deadlock, 53 resources (disk, memory, connections), 55P03 lock not available, 57 operator (shutdown, start-up, cancel), 58 system, 25P03 a transaction that stood still too long.
 */
const SQLSTATE = /^(?:08|40|53|57|58)...$|^(?:55P03|25P03)$/

/** What pg says without a code. */
const PG_MESSAGE =
  /^(?:Connection terminated|Client has encountered a connection error|timeout exceeded when trying to connect|Query read timeout)/

/**
 * Is the infrastructure to blame, so that the same work may succeed later unchanged?
 * Looks at the error, what it was caused by, and the parts of an AggregateError.
 */
export const isTransientError = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false
  if ('code' in error && typeof error.code === 'string') {
    if (error.code === STORE_UNAVAILABLE || NETWORK.has(error.code) || SQLSTATE.test(error.code))
      return true
  }
  if (PG_MESSAGE.test(error.message)) return true
  if (error instanceof AggregateError && error.errors.some(isTransientError)) return true
  return isTransientError(error.cause)
}
