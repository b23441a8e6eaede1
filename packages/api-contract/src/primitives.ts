import { z } from 'zod'

const ID = '[A-Za-z0-9][A-Za-z0-9_-]{0,63}'

/** Ids of catalogs, access packages, policies, people, groups, resources and roles. */
export const idSchema = z
  .string()
  .regex(
    new RegExp(`^${ID}$`),
    'an id is 1 to 64 letters, digits, "_" or "-", starting with a letter or a digit',
  )
  .meta({
    id: 'Id',
    description: '1 to 64 letters, digits, `_` or `-`, starting with a letter or a digit.',
  })

export const requestIdSchema = z
  .string()
  .regex(
    new RegExp(`^${ID}\\.${ID}\\.r[1-9]\\d{0,8}$`),
    'a request id is <packageId>.<subjectId>.r<number>',
  )
  .meta({ id: 'RequestId', description: '`<packageId>.<subjectId>.r<number>`' })

export const assignmentIdSchema = z
  .string()
  .regex(
    new RegExp(`^${ID}\\.${ID}\\.a[1-9]\\d{0,8}$`),
    'an assignment id is <packageId>.<subjectId>.a<number>',
  )
  .meta({ id: 'AssignmentId', description: '`<packageId>.<subjectId>.a<number>`' })

export const fulfilmentIdSchema = z
  .string()
  .regex(
    new RegExp(`^${ID}\\.${ID}\\.${ID}\\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`),
    'a fulfilment id is <resourceId>.<roleId>.<subjectId>.<operationId>',
  )
  .meta({
    id: 'FulfilmentId',
    description: '`<resourceId>.<roleId>.<subjectId>.<operationId>`',
  })

/** A command's id, chosen by its sender; the same id sent twice does the thing once (S26). */
export const commandIdSchema = z.uuid('a command id is a UUID').meta({
  description:
    'Chosen by the sender; sent twice, the thing happens once and the answer is the same. For something else it is refused (422, `command.key-reused`); another sender’s same id is another command.',
})

const MAX_POSITION = 2n ** 63n - 1n

/** A place in the log, as commands answer it and queries take it. */
export const positionSchema = z
  .string()
  .regex(/^\d{1,19}$/, 'a position is 1 to 19 decimal digits, as a command answered it')
  .refine((text) => !/^\d{1,19}$/.test(text) || BigInt(text) <= MAX_POSITION, {
    error: `a position is at most ${MAX_POSITION}`,
  })
  .meta({ id: 'Position', description: 'Place in the log: decimal digits, only its order counts.' })

// Control characters but tab, line feed and carriage return; also the two that end a line in JavaScript but not in
// JSON.
const CONTROL = /[^\P{Cc}\t\n\r]|[\u2028\u2029]/u
const LONE_SURROGATE = /\p{Surrogate}/u

/**
 * Text that people write: any Unicode, `min` to `max` characters (code points, as JSON Schema counts them), no control
 * characters but tab and line ends, no broken surrogate pairs.
 */
export const textSchema = (min: number, max: number) =>
  z
    .string()
    .min(min)
    .max(max)
    .refine((text) => !CONTROL.test(text), 'holds a control character; only tab and line ends may')
    .refine((text) => !LONE_SURROGATE.test(text), 'holds half of a surrogate pair')

export const displayNameSchema = textSchema(1, 256)
export const descriptionSchema = textSchema(0, 2000)
/** Absent and null both mean "none given". */
export const justificationSchema = textSchema(0, 10_000).nullish()

const EARLIEST = Date.UTC(1970, 0, 1)
const LATEST = Date.UTC(2200, 0, 1)

/**
 * An instant as clients may write it (RFC 3339, any offset), read as UTC with milliseconds. The years end well before
 * the four-digit format does, so that terms added to it still fit.
 */
export const instantInputSchema = z.iso
  .datetime({ offset: true, error: 'an instant is like 2026-11-23T21:18:00Z or …+01:00' })
  .max(40)
  .refine((text) => {
    const millis = Date.parse(text)
    return millis >= EARLIEST && millis < LATEST
  }, 'is not a moment from 1970 to 2199')
  .transform((text) => new Date(text).toISOString())
  .meta({ description: 'RFC 3339 with an offset or `Z`, from 1970 to 2199.' })

/** An instant as answers carry it: UTC, milliseconds, `Z`. */
export const instantSchema = z.iso.datetime()

/** A calendar day from 1970 to 2199. */
export const dateSchema = z.iso
  .date('a date is like 2026-12-31')
  .refine((date) => date >= '1970-01-01' && date <= '2199-12-31', 'is not a day from 1970 to 2199')

/** An IANA time zone that this runtime knows. */
export const zoneSchema = z
  .string()
  .min(1)
  .max(64)
  .refine(isZone, 'is not an IANA time zone, such as Europe/Berlin')

function isZone(zone: string): boolean {
  if (!/^[A-Za-z]/.test(zone)) return false
  try {
    return new Intl.DateTimeFormat('en', { timeZone: zone }) !== undefined
  } catch {
    return false
  }
}
