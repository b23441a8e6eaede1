import { parse, v5 } from 'uuid'
import { z } from 'zod'

/** Namespace of everything that Portcullis derives. Part of the storage contract: never change it. */
const NAMESPACE = parse('6f2d7b0e-5c1a-5b8e-9d55-0b1c8f6a7e31')
const utf8 = new TextEncoder()

/** A uuid v5 of the parts: same parts, same id, in every process and for ever. */
export const deriveId = (...parts: readonly (string | number)[]): string =>
  v5(utf8.encode(JSON.stringify(parts)), NAMESPACE)

/**
 * Id of the index-th event (from 0) that a command causes in a stream.
 * @param decided for a command from outside, what it asked for and when it was decided: two decisions never make the
 *   same ids, so that no store takes the one for the other
 */
export const eventId = (
  commandId: string,
  stream: string,
  index: number,
  decided: { readonly digest?: string; readonly at?: string } = {},
): string => {
  const { digest, at } = decided
  return digest === undefined
    ? deriveId('event', commandId, stream, index)
    : deriveId('event', commandId, stream, index, digest, at ?? '')
}

/**
 * Ids of catalogs, packages, policies, people, groups, resources and roles: 1 to 64 of letters, digits, `_` and `-`,
 * starting with a letter or digit.
 * Stream names join ids with `.`, so that an id holds none.
 */
export const idSchema = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/,
    'an id is 1 to 64 letters, digits, "_" or "-", starting with a letter or a digit',
  )

/** Ids of commands: a uuid, chosen by the client. */
export const commandIdSchema = z.uuid('a command id is a UUID')
