import { codeOf } from '@portcullis/core'

/**
 * What an error of the database says. The one table: code that asks whether something may be tried again asks it, in
 * these words.
 * `connection`: the server is away, restarting, full, or was never reached; it isn't known whether the statement was
 * carried out.
 * `moment`: the server refused for now (deadlock, full disk, a lock, a cancelled statement); nothing of the transaction
 * stays, and the same may succeed later unchanged.
 * `content`: what was in the statement is to blame: bad data, a broken constraint, a limit of the server.
 */
export type DatabaseFailure = 'connection' | 'moment' | 'content'

/** SQLSTATE classes and codes (appendix A of PostgreSQL's manual); the first that fits counts. */
const BY_SQLSTATE: readonly (readonly [RegExp, DatabaseFailure])[] = [
  // 08 connection exception, 57P01 to 57P05 shutdown, crash, start-up, dropped database, idle session; 53300 too many
  // connections.
  [/^(?:08...|57P0[1-5]|53300)$/, 'connection'],
  // 40 serialisation or deadlock, 53 resources, 55P03 lock not available, 57 operator (as 57014: cancelled), 58 system,
  // 25P03 and 25P04 a transaction that took too long.
  [/^(?:40...|53...|55P03|57...|58...|25P0[34])$/, 'moment'],
  [/^(?:22|23|54)...$/, 'content'],
]

/** Node's names of a connection that broke or couldn't be made. */
const NETWORK = new Set([
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETRESET',
  'ENETUNREACH',
  'ENOTCONN',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
])
const NODE_CONNECTION = /^ERR_(?:TLS|SSL|SOCKET)/

/** The driver's own errors carry no code. */
const DRIVER =
  /^(?:Connection (?:terminated|ended)|Client (?:has encountered a connection error|was closed)|timeout (?:expired|exceeded)|Query read timeout|Cannot use a pool after calling end)|is not queryable/i

/**
 * What an error itself says of the database; undefined: nothing, or that the fault is ours (a missing table, a wrong
 * password, a bug).
 */
export const databaseFailure = (error: unknown): DatabaseFailure | undefined => {
  if (!(error instanceof Error)) return undefined
  const code = codeOf(error) ?? ''
  const connecting = 'syscall' in error && error.syscall === 'connect'
  if (NETWORK.has(code) || NODE_CONNECTION.test(code) || connecting) return 'connection'
  return (
    BY_SQLSTATE.find(([codes]) => codes.test(code))?.[1] ??
    (DRIVER.test(error.message) ? 'connection' : undefined)
  )
}

/**
 * The passing failure of the infrastructure behind an error, so that the same work may succeed later unchanged: looks
 * at the error, at what it was caused by, and at the parts of an AggregateError.
 * What an adapter of the event store says when its server can't be reached is a lost connection.
 */
export const passingFailure = (error: unknown): Exclude<DatabaseFailure, 'content'> | undefined => {
  if (!(error instanceof Error)) return undefined
  const own = databaseFailure(error)
  if (own === 'connection' || own === 'moment') return own
  if (codeOf(error) === STORE_UNAVAILABLE) return 'connection'
  const parts = error instanceof AggregateError ? error.errors : []
  for (const part of [...parts, error.cause]) {
    const found = passingFailure(part)
    if (found !== undefined) return found
  }
  return undefined
}

/** What every adapter of the event store says when its server can't be reached. */
const STORE_UNAVAILABLE = 'event-store.unavailable'

/** Is the infrastructure to blame, and may it pass? See {@link passingFailure}. */
export const isTransientError = (error: unknown): boolean => passingFailure(error) !== undefined
