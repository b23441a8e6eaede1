import { messageOf } from '@portcullis/core'
import { EventStoreUnavailable, PositionNotInLog } from '../errors.ts'
import { type Connection, EventStoreDbUnusable } from './connection.ts'

/**
 * Types that the client gives to errors after which the same call may succeed, an append too: it carries its event ids
 * and an exact revision.
 */
const TRANSIENT_TYPES: ReadonlySet<string> = new Set([
  'unavailable',
  'cancelled',
  'deadline-exceeded',
  'timeout',
  'not-leader',
  'unknown',
])
/**
 * gRPC's CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, INTERNAL, UNAVAILABLE: on a lost node an
 * error may have no type.
 */
const TRANSIENT_CODES: ReadonlySet<number> = new Set([1, 2, 4, 8, 10, 13, 14])
const UNAUTHENTICATED = 16
const PERMISSION_DENIED = 7
const UNIMPLEMENTED = 12

const property = (error: unknown, name: 'type' | 'code' | '_raw'): unknown =>
  typeof error === 'object' && error !== null && name in error
    ? (error as Readonly<Record<string, unknown>>)[name]
    : undefined

export const typeOf = (error: unknown): string | undefined => {
  const type = property(error, 'type')
  return typeof type === 'string' ? type : undefined
}

/** Of gRPC: its own, or that of the error from which the client made its. */
const grpcCodeOf = (error: unknown): number | undefined => {
  const code = property(error, 'code') ?? property(property(error, '_raw'), 'code')
  return typeof code === 'number' ? code : undefined
}

/** A server says so by different codes. */
const isNoPosition = (error: unknown): boolean => /invalid position/i.test(messageOf(error))

/** May the same call succeed later, without anybody changing anything? */
export const isPassing = (error: unknown): boolean => {
  if (isNoPosition(error)) return false
  const type = typeOf(error)
  if (type !== undefined && type !== 'unknown') return TRANSIENT_TYPES.has(type)
  const code = grpcCodeOf(error)
  if (code !== undefined) return TRANSIENT_CODES.has(code)
  return (
    type === 'unknown' || /^Failed to discover/.test(error instanceof Error ? error.message : '')
  )
}

/**
 * What callers of the port get: what passes, and what somebody must correct, told apart. Never the client's own error.
 * @param doing as in "read the log", for the message
 * @param after where a reading was to begin
 */
export const toStoreError = (
  doing: string,
  error: unknown,
  { hosts, user }: Pick<Connection, 'hosts' | 'user'>,
  after?: bigint | 'end',
): unknown => {
  const code = grpcCodeOf(error)
  const type = typeOf(error)
  if (after !== undefined && isNoPosition(error)) return new PositionNotInLog(after, error)
  if (code === UNAUTHENTICATED)
    return new EventStoreDbUnusable(
      `${hosts} refuses the user or the password (${doing}): correct them in the address`,
      error,
    )
  if (type === 'access-denied' || code === PERMISSION_DENIED)
    return new EventStoreDbUnusable(
      `${hosts} knows the user ${user}, who lacks a right (${doing}): it must be allowed to read $all, which only admins may unless the ACL of $all says otherwise, and to append to its streams. An administrator grants it as docs/how-to/eventstoredb.md says under "The user's rights"`,
      error,
    )
  if (code === UNIMPLEMENTED)
    return new EventStoreDbUnusable(
      `what answers at ${hosts} is not EventStoreDB (${doing}): correct the host or the port`,
      error,
    )
  if (isPassing(error)) return new EventStoreUnavailable(doing, error)
  if (code === undefined && !isOfClient(error)) return error
  return new EventStoreDbUnusable(
    `${hosts} refuses it (${doing}): ${messageOf(error)} (${type ?? `gRPC code ${code}`}); look into the log of the server`,
    error,
  )
}

/** The client's errors have a type; those of the store have a code that is a text. */
const isOfClient = (error: unknown): boolean =>
  typeOf(error) !== undefined && typeof property(error, 'code') !== 'string'
