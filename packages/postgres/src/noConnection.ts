import { backOff, codeOf } from '@portcullis/core'

/** The variable that says how many connections a process may have. */
export const CONNECTIONS_VARIABLE = 'PORTCULLIS_DATABASE_CONNECTIONS'

/** SQLSTATE too_many_connections: the server's own limit, or that of the role or the database, is reached. */
const TOO_MANY = '53300'

/** Has the server no connection left for us? That passes. */
export const isServerFull = (error: unknown): error is Error => codeOf(error) === TOO_MANY

/**
 * No connection to the database could be had within the time that is waited for one. It may be had later: the code is
 * the SQLSTATE by which passing troubles are told from others.
 */
export class NoConnection extends Error {
  readonly code = TOO_MANY
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'NoConnection'
  }
}

/** @param waitMillis how long was waited */
export const serverIsFull = (cause: Error, waitMillis: number): NoConnection =>
  new NoConnection(
    `the database server has had no connection left for ${waitMillis / 1000} s (${cause.message}): lower ${CONNECTIONS_VARIABLE} of the processes that share it, or raise its max_connections`,
    { cause },
  )

/** @param waitMillis how long was waited */
export const allInUse = (
  pool: { readonly max: number; readonly applicationName: string },
  waitMillis: number,
): NoConnection =>
  new NoConnection(
    `all ${pool.max} connections of "${pool.applicationName}" to the database have been in use for ${waitMillis / 1000} s: raise ${CONNECTIONS_VARIABLE}, of which these are a share`,
  )

/**
 * Milliseconds before a full server is asked again, after the n-th time that it was (from 1): 50, 100, 200 … up to 1 s.
 */
export const askAgainAfter = backOff({ first: 50, longest: 1_000 })
