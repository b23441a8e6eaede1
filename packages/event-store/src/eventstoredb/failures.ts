import { EventStoreUnavailable } from '../errors.ts'
import { EventStoreDbUnusable } from './connection.ts'

/** Types that the client gives to errors after which the same call may succeed, an append too: it carries its event ids and an exact revision. */
const TRANSIENT_TYPES: ReadonlySet<string> = new Set([
  'unavailable',
  'cancelled',
  'deadline-exceeded',
  'timeout',
  'not-leader',
  'unknown',
])
/** gRPC's CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, INTERNAL, UNAVAILABLE: on a lost node an error may have no type. */
const TRANSIENT_CODES: ReadonlySet<number> = new Set([1, 2, 4, 8, 10, 13, 14])
const UNAUTHENTICATED = 16
const PERMISSION_DENIED = 7
const UNIMPLEMENTED = 12

const property = (error: unknown, name: 'type' | 'code'): unknown =>
  typeof error === 'object' && error !== null && name in error
    ? (error as Readonly<Record<string, unknown>>)[name]
    : undefined

export const typeOf = (error: unknown): string | undefined => {
  const type = property(error, 'type')
  return typeof type === 'string' ? type : undefined
}

const codeOf = (error: unknown): number | undefined => {
  const code = property(error, 'code')
  return typeof code === 'number' ? code : undefined
}

/** May the same call succeed later, without anybody changing anything? */
export const isPassing = (error: unknown): boolean => {
  const type = typeOf(error)
  if (type !== undefined && type !== 'unknown') return TRANSIENT_TYPES.has(type)
  const code = codeOf(error)
  if (code !== undefined) return TRANSIENT_CODES.has(code)
  return (
    type === 'unknown' || /^Failed to discover/.test(error instanceof Error ? error.message : '')
  )
}

/** What callers of the port get: what passes, and what somebody must correct, told apart. */
export const toStoreError = (doing: string, error: unknown, hosts: string): unknown => {
  const code = codeOf(error)
  if (typeOf(error) === 'access-denied' || code === UNAUTHENTICATED || code === PERMISSION_DENIED)
    return new EventStoreDbUnusable(
      `${hosts} refuses the user or the password (${doing}): correct them in the address`,
    )
  if (code === UNIMPLEMENTED)
    return new EventStoreDbUnusable(
      `what answers at ${hosts} is not EventStoreDB (${doing}): correct the host or the port`,
    )
  return isPassing(error) ? new EventStoreUnavailable(doing, error) : error
}
